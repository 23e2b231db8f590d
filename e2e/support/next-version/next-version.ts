import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'esbuild';

const OWN_STATE = fileURLToPath(new URL('stored-state.ts', import.meta.url));

/** The source with a version one higher. */
function raised(path: string, name: string): string {
  const source = readFileSync(path, 'utf8');
  const next = source.replace(new RegExp(`(export const ${name} = )(\\d+)`), (_, start, n) => `${start}${+n + 1}`);
  if (next === source) throw new Error(`${path} has no ${name}`);
  return next;
}

/**
 * Bundles Stillhere as its next version may be: it speaks the next protocol, understands the one of
 * today, and stores what an engine of today cannot read but for the frozen part.
 */
export const nextVersion: Plugin = {
  name: 'next-version',
  setup({ onLoad, onResolve }) {
    const load = (path: string, name: string) => ({ contents: raised(path, name), loader: 'ts' as const });
    onLoad({ filter: /[\\/]sw[\\/]protocol\.ts$/ }, ({ path }) => load(path, 'PROTOCOL_VERSION'));
    onLoad({ filter: /[\\/]sw[\\/]stored-state\.ts$/ }, ({ path }) => load(path, 'STATE_VERSION'));
    onResolve({ filter: /stored-state\.js$/ }, ({ importer }) => (importer === OWN_STATE ? null : { path: OWN_STATE }));
  },
};
