/**
 * Workers that die at random moments while somebody types in several tabs: the short form of it is
 * `e2e/specs/worker-kills.spec.ts`, and this is the same at length. Chromium's are stopped by
 * force; Firefox's die by themselves, as soon as its preferences let them. Needs a build. Usage:
 * node bench/worker-kills.mjs [chromium,firefox] [kills]
 */
import { tool } from '../tools/command.mjs';

const WHICH = (process.argv[2] ?? 'chromium,firefox').split(',');
const KILLS = process.argv[3] ?? '200';

for (const project of WHICH) {
  const args = ['test', `--project=${project}`, '--workers=1', '--reporter=line', 'worker-kills'];
  await tool('playwright', args, { show: true, env: { ...process.env, KILLS } });
}
