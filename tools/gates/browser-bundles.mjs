import { basename } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { buildPage } from '../page-bundle.mjs';
import { root } from '../root.mjs';
import { buildWorker } from '../worker-bundle.mjs';

const shared = {
  absWorkingDir: root,
  bundle: true,
  minify: true,
  write: false,
  metafile: true,
  outdir: 'out',
  target: 'es2022',
  platform: 'browser',
  define: { __BUILD__: '"0123456789ab"', STILLHERE_BUILD: '"0123456789ab"', 'process.env.NODE_ENV': '"production"' },
  logLevel: 'warning',
};

/**
 * What a browser would load, as an application's bundler makes it: everything bundled and minified.
 * @typedef {{ inputs: string[], text: string, entry: number, lazy: { name: string, bytes: number
 * }[] }} Bundle sizes in bytes of gzip; `entry` is the first file, with all that it loads at once,
 * `lazy` are the files that it loads when they are needed.
 *
 * @param {import('esbuild').BuildResult[]} results the first is the entry's.
 * @returns {Bundle}
 */
function measured([first, ...others]) {
  const files = (results) =>
    results.flatMap(({ outputFiles }) =>
      outputFiles.map(({ path, contents }) => ({
        name: basename(path),
        bytes: gzipSync(contents, { level: 9 }).length,
      })),
    );
  const results = [first, ...others];
  return {
    inputs: results.flatMap(({ metafile }) => Object.keys(metafile.inputs)),
    text: results.flatMap(({ outputFiles }) => outputFiles.map(({ text }) => text)).join('\n'),
    entry: files([first]).reduce((sum, { bytes }) => sum + bytes, 0),
    lazy: files(others),
  };
}

export const browserBundle = async (options) => measured([await build({ ...shared, ...options })]);
export const pageBundle = async () => measured(await buildPage(shared));
export const workerBundle = async () => measured([await buildWorker(shared)]);
export const ownWorkerBundle = () => browserBundle({ entryPoints: { sw: 'sw/index.ts' }, format: 'esm' });
