/**
 * The soak for longer: ten tabs, a worker killed every few seconds, a provider that fails one time
 * in ten, for a quarter of an hour. Prints its figures; fails where one is broken, and prints all
 * then. Needs a build. Usage: node bench/soak.mjs [minutes] [seed]
 */
import { tool } from '../tools/command.mjs';

const MINUTES = process.argv[2] ?? '15';
const SEED = process.argv[3] ?? '1';

const output = await tool('playwright', ['test', '--project=chromium', '--workers=1', '--reporter=list', 'soak.spec'], {
  env: { ...process.env, SOAK_MINUTES: MINUTES, SOAK_SEED: SEED },
}).catch((error) => {
  console.log(error.message);
  process.exit(1);
});
console.log(
  output
    .split('\n')
    .filter((line) => line.startsWith('soak: '))
    .join('\n'),
);
