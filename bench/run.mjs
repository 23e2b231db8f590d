import { join } from 'node:path';
import { command } from '../tools/command.mjs';
import { root } from '../tools/root.mjs';

/**
 * What is measured, each a script of its own, with the minutes that it takes. The figures depend on
 * the machine: they are printed beside their targets, and only a crash fails; but for the soak, the
 * dying workers and the deploy, whose figures have to be right anywhere. Needs a build. Usage: npm
 * run bench [-- name [arguments of its script ...] ...]
 */
const MEASURES = {
  'input-cost': 6,
  beat: 1,
  grants: 2,
  'ten-tabs': 9,
  'worker-starts': 8,
  'worker-kills': 10,
  soak: 16,
  'fan-out': 2,
  deploy: 10,
};

/** Names, each with the numbers that follow it. */
const wanted = process.argv.slice(2).reduce((chosen, word) => {
  if (/^\d/.test(word)) chosen.at(-1)?.push(word);
  else chosen.push([word]);
  return chosen;
}, []);
const unknown = wanted.find(([name]) => !Object.hasOwn(MEASURES, name));
if (unknown) throw new Error(`bench: there is ${Object.keys(MEASURES).join(', ')}, and no ${unknown[0]}`);

for (const [name, ...args] of wanted.length ? wanted : Object.keys(MEASURES).map((all) => [all])) {
  console.log(`bench: ${[name, ...args].join(' ')}${args.length ? '' : `, about ${MEASURES[name]} min`}`);
  await command(process.execPath, [join(root, 'bench', `${name}.mjs`), ...args], { show: true });
}
