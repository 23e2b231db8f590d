import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { root } from '../root.mjs';

const shared = {
  absWorkingDir: root,
  bundle: true,
  minify: true,
  write: false,
  metafile: true,
  outdir: 'out',
  target: 'es2022',
  define: { __BUILD__: '"0123456789ab"', STILLHERE_BUILD: '"0123456789ab"', 'process.env.NODE_ENV': '"production"' },
  logLevel: 'warning',
};

/**
 * What a browser would load, as an application's bundler makes it: everything bundled and minified.
 * @returns {Promise<{ inputs: string[], text: string, entry: number, lazy: { name: string, bytes: number }[] }>} sizes in bytes of gzip;
 * `entry` is the entry point with all that it loads at once, and with the chunks that hold an input that `always` names; `lazy` are the
 * chunks that it loads when they are needed.
 */
export async function browserBundle(options, always) {
  const { metafile, outputFiles } = await build({ ...shared, ...options });
  const gzip = new Map(
    outputFiles.map(({ path, contents }) => [
      path.replaceAll('\\', '/').replace(/^.*\/out\//, 'out/'),
      gzipSync(contents, { level: 9 }).length,
    ]),
  );
  const outputs = Object.entries(metafile.outputs);
  const start =
    outputs.find(([, { entryPoint }]) => entryPoint && Object.values(options.entryPoints ?? {}).includes(entryPoint)) ??
    outputs[0];
  const eager = new Set();
  const follow = (path) => {
    if (eager.has(path)) return;
    eager.add(path);
    for (const { path: next, kind, external } of metafile.outputs[path].imports)
      if (kind === 'import-statement' && !external) follow(next);
  };
  follow(start[0]);
  // A chunk that every page loads is no saving, however late it comes.
  for (const [path, { inputs }] of outputs) if (Object.keys(inputs).some((input) => always?.test(input))) follow(path);
  return {
    inputs: Object.keys(metafile.inputs),
    text: outputFiles.map(({ text }) => text).join('\n'),
    entry: [...eager].reduce((sum, path) => sum + gzip.get(path), 0),
    lazy: outputs
      .filter(([path]) => !eager.has(path))
      .map(([path]) => ({ name: path.replace(/^out\//, ''), bytes: gzip.get(path) })),
  };
}

export const pageBundle = () =>
  browserBundle(
    { entryPoints: { index: 'client/index.ts' }, format: 'esm', splitting: true, platform: 'browser' },
    /node_modules\/workbox-window\//,
  );
export const workerBundle = () =>
  browserBundle({ entryPoints: { 'stillhere-sw': 'sw/stillhere-sw.ts' }, format: 'iife', platform: 'browser' });
export const ownWorkerBundle = () =>
  browserBundle({ entryPoints: { sw: 'sw/index.ts' }, format: 'esm', platform: 'browser' });
