import { posix } from 'node:path';
import { build } from 'esbuild';

/**
 * What a page loads only when it needs it: `import('./lazy/x.js')`, wherever in the source that is.
 */
const LAZY = /\/(lazy\/[\w-]+)\.js$/;

/**
 * Builds the page's script: one file that every page loads, and beside it what few pages need, each
 * with a copy of the small things that it shares with the first. Were it left to the bundler, those
 * would become a file that every page loads too, with a request of its own.
 *
 * @param {import('esbuild').BuildOptions} options
 * @returns {Promise<import('esbuild').BuildResult[]>} of the entry, and of what is loaded later.
 */
export async function buildPage(options) {
  const entryPoints = {};
  const apart = {
    name: 'lazy',
    setup({ onResolve }) {
      onResolve({ filter: LAZY }, ({ path, kind }) => {
        if (kind !== 'dynamic-import') return undefined;
        const [, name] = LAZY.exec(path);
        entryPoints[name] = posix.join('client', `${name}.ts`);
        return { path: `./${name}.js`, external: true };
      });
    },
  };
  const shared = {
    bundle: true,
    platform: 'browser',
    format: 'esm',
    metafile: true,
    // Of ours no name begins so: these are the private members of workbox-window's class.
    mangleProps: /^_[a-z]/,
    ...options,
  };
  const entry = await build({ ...shared, entryPoints: { index: 'client/index.ts' }, plugins: [apart] });
  const lazy = await build({ ...shared, entryPoints, splitting: true, chunkNames: 'lazy/[name]-[hash]' });
  return [entry, lazy];
}
