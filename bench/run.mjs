import { join } from 'node:path';
import { command } from './command.mjs';
import { root } from './root.mjs';

/**
 * What is measured, each a script of its own, with the minutes that it takes. The figures depend on the machine: they are printed beside
 * their targets, and only a crash fails. Needs a build. Usage: npm run bench [-- name ...]
 */
const MEASURES = { 'input-cost': 6, beat: 1, 'ten-tabs': 5, 'worker-starts': 8, 'worker-kills': 10 };

const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !Object.hasOwn(MEASURES, name));
if (unknown) throw new Error(`bench: there is ${Object.keys(MEASURES).join(', ')}, and no ${unknown}`);

for (const [name, minutes] of Object.entries(MEASURES)) {
  if (wanted.length && !wanted.includes(name)) continue;
  console.log(`bench: ${name}, about ${minutes} min`);
  await command(process.execPath, [join(root, 'bench', `${name}.mjs`)], { show: true });
}
