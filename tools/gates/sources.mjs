import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { transformSync } from 'esbuild';
import { BROWSER_PACKAGES, LADDERS, WEB_STANDARD_ROOMS } from '../rooms.mjs';
import { root } from '../root.mjs';

/** The files of a room are those in the folder itself, not in the folders within. */
const isIn = (room, path) => (room.endsWith('.ts') ? path === room : posix.dirname(path) === room);

/** The rooms that a file may import from: its own and those below it. */
function roomsFor(path) {
  const ladder = LADDERS[path.split('/')[0]];
  const index = ladder.findIndex((room) => isIn(room, path));
  if (index < 0) throw new Error(`tools/rooms.mjs has no room for ${path}`);
  return ladder.slice(0, index + 1);
}

/** The packages that a file may import, or `null` for all. */
const packagesFor = (path) =>
  WEB_STANDARD_ROOMS.some((room) => isIn(room, path)) ? [] : (BROWSER_PACKAGES[path.split('/')[0]] ?? null);

/** What the core may not name: time and chance come in with the event, and nothing goes out. */
const IMPURE =
  /\b(Date|performance|Math\.random|crypto|setTimeout|setInterval|queueMicrotask|fetch|globalThis|self|navigator|indexedDB|console)\b/;

function* sourcesOf(folder) {
  for (const name of readdirSync(`${root}/${folder}`, { recursive: true })) {
    const path = posix.join(folder, String(name).replaceAll('\\', '/'));
    if (path.endsWith('.ts') && !/\.test\.ts$|^sw\/model\/|\/(testing|dev-provider)\//.test(path))
      yield { path, text: readFileSync(`${root}/${path}`, 'utf8') };
  }
}

/** `isLater`: by `import()`, when a page needs it. */
const importsOf = (text) =>
  [...text.matchAll(/(?:\bfrom|\bimport)\s*(\(?)\s*'([^']+)'/g)].map(([, bracket, name]) => ({
    name,
    isLater: bracket !== '',
  }));
const target = (path, name) =>
  name.startsWith('.') ? posix.join(posix.dirname(path), name).replace(/\.js$/, '.ts') : name;

/** The code without comments and types. */
const codeOf = (text) => transformSync(text, { loader: 'ts' }).code;

/** Reads every source: the core is pure, and each file imports from the rooms below its own. */
export function sources() {
  const bad = [];
  let read = 0;
  for (const folder of ['sw', 'client', 'server']) {
    for (const { path, text } of sourcesOf(folder)) {
      read++;
      const rooms = roomsFor(path);
      const packages = packagesFor(path);
      const comments = text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
      for (const { name, isLater } of importsOf(comments)) {
        const to = target(path, name);
        const isAllowed = name.startsWith('.')
          ? rooms.some((room) => isIn(room, to)) || (isLater && posix.dirname(to) === 'client/lazy')
          : !packages || packages.some((known) => to === known || to.startsWith(`${known}/`));
        if (!isAllowed) bad.push(`${path} imports ${name}`);
      }
      const impure = path.startsWith('sw/core/') && IMPURE.exec(codeOf(text).replace(/'[^'\n]*'|"[^"\n]*"/g, "''"));
      if (impure) bad.push(`${path} names ${impure[0]}`);
    }
  }
  if (!IMPURE.test(codeOf('const now = Date.now();'))) throw new Error('the search for impure names finds none');
  if (!read) throw new Error('no sources read');
  if (bad.length) throw new Error(bad.join('\n'));
}
