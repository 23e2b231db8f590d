import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { build } from 'esbuild';
import { buildId } from './tools/build-id.mjs';
import { buildPage } from './tools/page-bundle.mjs';
import { root } from './tools/root.mjs';
import { buildWorker } from './tools/worker-bundle.mjs';

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const id = JSON.stringify(buildId());

/** What every bundle has in common. */
const shared = {
  absWorkingDir: root,
  bundle: true,
  target: 'es2022',
  sourcemap: true,
  logLevel: 'warning',
  define: { __BUILD__: id, STILLHERE_BUILD: id },
};
const production = { ...shared.define, 'process.env.NODE_ENV': '"production"' };
const browser = { ...shared, platform: 'browser', format: 'esm' };
const classic = { ...browser, format: 'iife', minify: true, define: production };
const node = { ...shared, platform: 'node', target: 'node20', format: 'esm', packages: 'external', splitting: true };

const demoPage = 'e2e/demo/page';
const pageFiles = readdirSync(join(root, demoPage)).filter((name) => /\.(html|css|svg|png)$/.test(name));

/** The scripts that the demo's pages ask for; what else is there, these import. */
const pageScripts = new Set(
  pageFiles
    .filter((name) => name.endsWith('.html'))
    .flatMap((name) => [...readFileSync(join(root, demoPage, name), 'utf8').matchAll(/src="\/assets\/([\w-]+)\.js"/g)])
    .map(([, name]) => `${demoPage}/${name}.ts`),
);

/** Each bundle once: what goes in, where it lands, and how. */
const bundles = [
  { ...browser, entryPoints: { sw: 'sw/index.ts' }, outdir: 'dist', external: ['idb-keyval'], define: production },
  { ...classic, entryPoints: { 'signed-in': 'client/signed-in.ts' }, outdir: 'dist' },
  {
    ...node,
    entryPoints: { server: 'server/index.ts', serve: 'server/serve/main.ts' },
    outdir: 'dist',
    chunkNames: 'server/[name]-[hash]',
  },
  // One file without a package or a Node module: it runs wherever there are fetch handlers.
  {
    ...shared,
    platform: 'neutral',
    format: 'esm',
    entryPoints: { heartbeat: 'server/heartbeat/index.ts' },
    outdir: 'dist',
  },
  { ...node, entryPoints: { main: 'e2e/demo/main.ts' }, outdir: 'build/demo', splitting: false },
  {
    ...browser,
    entryPoints: [...pageScripts],
    outdir: 'build/demo/page',
    splitting: true,
    minify: true,
    define: production,
  },
];

/** Everything that this build wrote, as paths below the root. */
const written = new Set();
const write = (from, to) => {
  mkdirSync(join(root, dirname(to)), { recursive: true });
  cpSync(join(root, from), join(root, to));
  written.add(to);
};

/**
 * An application's own bundler brings idb-keyval, so that there is one copy of it. Of
 * workbox-window we bring the one class that we use, without the logs of its development build:
 * they would warn of our scope, which covers no page on purpose, and reach for a browser's globals
 * where pages are rendered on a server.
 */
const page = () => buildPage({ ...shared, outdir: 'dist', external: ['idb-keyval'], define: production });

/** esbuild gives what Terser has made smaller: it is written here. */
async function worker() {
  const result = await buildWorker({
    ...shared,
    outdir: 'dist',
    define: production,
    banner: { js: `/*! stillhere ${version}, MIT; with workbox-core, MIT, and idb-keyval, Apache-2.0 */` },
  });
  for (const { path, contents } of result.outputFiles) writeFileSync(path, contents);
  return [result];
}
const builds = [page, worker, ...bundles.map((options) => async () => [await build({ ...options, metafile: true })])];

for (const run of builds) {
  try {
    for (const { metafile } of await run()) for (const path of Object.keys(metafile.outputs)) written.add(path);
  } catch {
    // esbuild has said what is wrong; the other bundles may be of use to somebody.
    process.exitCode = 1;
  }
}
for (const name of pageFiles) write(`${demoPage}/${name}`, `build/demo/page/${name}`);
// The server looks for the browser's files beside its bundle, and the demo has the server in its
// own.
for (const name of ['stillhere-sw.js', 'signed-in.js']) {
  if (written.has(`dist/${name}`)) write(`dist/${name}`, `build/demo/${name}`);
}

// What an earlier build left goes last, so that a demo that runs meanwhile misses nothing. The
// types are the compiler's.
for (const folder of ['dist', 'build']) {
  for (const entry of readdirSync(join(root, folder), { recursive: true, withFileTypes: true })) {
    const path = relative(root, join(entry.parentPath ?? entry.path, entry.name)).replaceAll('\\', '/');
    if (entry.isFile() && !path.startsWith('dist/types/') && !written.has(path)) rmSync(join(root, path));
  }
}
console.log(process.exitCode ? 'build: FAILED' : `build: ${id.slice(1, -1)} in dist and build`);
