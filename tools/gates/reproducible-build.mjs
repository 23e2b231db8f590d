import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { command } from '../command.mjs';
import { root } from '../root.mjs';

function digest() {
  const hash = createHash('sha256');
  const scripts = ['dist', 'build'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true })
      .map((name) => join(folder, String(name)))
      .filter((name) => name.endsWith('.js')),
  );
  for (const name of scripts.sort()) hash.update(name).update(readFileSync(join(root, name)));
  if (!scripts.length) throw new Error('the build made no script');
  return hash.digest('hex');
}

/**
 * Builds twice: page and worker compare build ids, so the same sources must give the same bytes.
 */
export async function reproducibleBuild() {
  const build = () => command(process.execPath, ['esbuild.config.mjs']);
  const printed = (await build()).trim();
  console.log(`  ${printed.replaceAll('\n', '\n  ')}`);
  const first = digest();
  await build();
  if (digest() !== first) throw new Error('a second build gives other files');
}
