import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { buildId } from './bench/build-id.mjs';
import { root } from './bench/root.mjs';

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
  // An application's own bundler brings workbox-window and idb-keyval, so that there is one copy of each.
  { ...browser, entryPoints: { index: 'client/index.ts' }, outdir: 'dist', splitting: true, packages: 'external' },
  { ...browser, entryPoints: { sw: 'sw/index.ts' }, outdir: 'dist', external: ['idb-keyval'], define: production },
  {
    ...classic,
    entryPoints: { 'stillhere-sw': 'sw/stillhere-sw.ts' },
    outdir: 'dist',
    banner: { js: `/*! stillhere ${version}, MIT; with workbox-core, MIT, and idb-keyval, Apache-2.0 */` },
  },
  { ...classic, entryPoints: { 'signed-in': 'client/signed-in.ts' }, outdir: 'dist' },
  {
    ...node,
    entryPoints: { server: 'server/index.ts', serve: 'server/main.ts' },
    outdir: 'dist',
    chunkNames: 'server/[name]-[hash]',
  },
  { ...node, entryPoints: { main: 'e2e/demo/main.ts' }, outdir: 'build/demo', chunkNames: 'chunks/[name]-[hash]' },
  {
    ...browser,
    entryPoints: [...pageScripts],
    outdir: 'build/demo/page',
    splitting: true,
    minify: true,
    define: production,
  },
];

const missing = (path) => !existsSync(join(root, path));

// The types of `tsc -b` stay: it builds only what has changed.
for (const name of existsSync(join(root, 'dist')) ? readdirSync(join(root, 'dist')) : []) {
  if (name !== 'types') rmSync(join(root, 'dist', name), { recursive: true });
}
rmSync(join(root, 'build'), { recursive: true, force: true });

for (const options of bundles) {
  const absent = Object.values(options.entryPoints).filter(missing);
  if (absent.length || !Object.keys(options.entryPoints).length) {
    console.log(`build: skipped, no ${absent.join(', ') || 'page entry points'}`);
    continue;
  }
  await build(options);
}

mkdirSync(join(root, 'build/demo/page'), { recursive: true });
for (const name of pageFiles) cpSync(join(root, demoPage, name), join(root, 'build/demo/page', name));
console.log(`build: ${id.slice(1, -1)} in dist and build`);
