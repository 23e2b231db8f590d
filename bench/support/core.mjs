import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from '../../tools/root.mjs';

/** The decision as it is in the sources, without a build. */
export async function loadCore() {
  const { outputFiles } = await build({
    stdin: {
      contents: `
        export { transition } from './transition.ts';
        export { patience } from './backoff.ts';
        export { wakeAt } from './wake-at.ts';
        export { initialState } from './state.ts';
        export { DEFAULT_SETTINGS } from '../protocol.ts';`,
      resolveDir: join(root, 'sw', 'core'),
      loader: 'ts',
    },
    bundle: true,
    format: 'esm',
    write: false,
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
}
