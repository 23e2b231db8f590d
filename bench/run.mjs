import { join } from 'node:path';
import { command } from './command.mjs';
import { root } from './root.mjs';

/** What is measured, each a script of its own. The figures depend on the machine: they are printed, and only a crash fails. Needs a build. */
const MEASURES = ['input-cost', 'beat'];

for (const name of MEASURES) {
  console.log(`bench: ${name}`);
  await command(process.execPath, [join(root, 'bench', `${name}.mjs`)], { show: true });
}
