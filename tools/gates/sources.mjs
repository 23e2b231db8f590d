import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { transformSync } from 'esbuild';
import { root } from '../root.mjs';

/** Where a folder's sources may import from, nearest rule first. Packages are named as they are imported. */
const ARROWS = [
  { from: /^server\/contract\.ts$/, to: [] },
  { from: /^sw\/protocol\.ts$/, to: [/^server\/contract\.ts$/] },
  { from: /^sw\/core\//, to: [/^sw\/core\//, /^sw\/(protocol|ports)\.ts$/, /^server\/contract\.ts$/] },
  { from: /^sw\//, to: [/^sw\//, /^server\/contract\.ts$/, /^(idb-keyval|workbox-core)/] },
  { from: /^client\//, to: [/^client\//, /^sw\//, /^server\/contract\.ts$/, /^(idb-keyval$|workbox-window\/)/] },
  { from: /^server\//, to: [/^server\//, /^[^./]+|^@|^node:/], never: [/^(sw|client|e2e)\//] },
];

/** What the core may not name: time and chance come in with the event, and nothing goes out. */
const IMPURE =
  /\b(Date|performance|Math\.random|crypto|setTimeout|setInterval|queueMicrotask|fetch|globalThis|self|navigator|indexedDB|console)\b/;

function* sourcesOf(folder) {
  for (const name of readdirSync(`${root}/${folder}`, { recursive: true })) {
    const path = posix.join(folder, String(name).replaceAll('\\', '/'));
    if (path.endsWith('.ts') && !/\.test\.ts$|^sw\/model\/|\/testing\//.test(path))
      yield { path, text: readFileSync(`${root}/${path}`, 'utf8') };
  }
}

const importsOf = (text) => [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'([^']+)'/g)].map(([, name]) => name);
const target = (path, name) =>
  name.startsWith('.') ? posix.join(posix.dirname(path), name).replace(/\.js$/, '.ts') : name;

/** The code without comments and types. */
const codeOf = (text) => transformSync(text, { loader: 'ts' }).code;

/** Reads every source: the core is pure, and imports go only where the architecture's arrows go. */
export function sources() {
  const bad = [];
  let read = 0;
  for (const folder of ['sw', 'client', 'server']) {
    for (const { path, text } of sourcesOf(folder)) {
      read++;
      const rule = ARROWS.find(({ from }) => from.test(path));
      const comments = text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
      for (const name of importsOf(comments)) {
        const to = target(path, name);
        if (!rule.to.some((allowed) => allowed.test(to)) || rule.never?.some((denied) => denied.test(to)))
          bad.push(`${path} imports ${name}`);
      }
      const impure = path.startsWith('sw/core/') && IMPURE.exec(codeOf(text).replace(/'[^'\n]*'|"[^"\n]*"/g, "''"));
      if (impure) bad.push(`${path} names ${impure[0]}`);
    }
  }
  if (!IMPURE.test(codeOf('const now = Date.now();'))) throw new Error('the search for impure names finds none');
  if (!read) throw new Error('no sources read');
  if (bad.length) throw new Error(bad.join('\n'));
}
