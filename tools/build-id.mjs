import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './root.mjs';

const isSource = (path) => path.endsWith('.ts') && !path.endsWith('.test.ts') && !path.startsWith(join('sw', 'model'));

/**
 * A hash of the sources that page and worker are built from: the two compare it when they meet. It
 * depends on nothing but their content and the versions of what is bundled with them, so that the
 * same commit always builds the same files.
 */
export function buildId() {
  const { version, dependencies, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const hash = createHash('sha256').update(
    JSON.stringify([
      version,
      dependencies,
      ['workbox-core', 'workbox-window', 'esbuild'].map((name) => devDependencies[name]),
    ]),
  );
  const sources = ['sw', 'client']
    .flatMap((folder) => readdirSync(join(root, folder), { recursive: true }).map((name) => join(folder, String(name))))
    .concat(join('server', 'contract.ts'))
    .filter(isSource)
    .sort();
  for (const path of sources) {
    // Names with `/` and lines with `\n` on every system.
    hash.update(`${path.replaceAll('\\', '/')}\0${readFileSync(join(root, path), 'utf8').replaceAll('\r\n', '\n')}\0`);
  }
  return hash.digest('hex').slice(0, 12);
}
