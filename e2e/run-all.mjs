import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { check } from '../tools/check.mjs';
import { tool } from '../tools/command.mjs';
import { unitTests } from '../tools/gates/unit-tests.mjs';
import { root } from '../tools/root.mjs';
import { bundlerTests } from './bundlers/run.mjs';
import { installBrowsers } from './setup/install-browsers.mjs';
import { webkitTests } from './webkit/run.mjs';

const REPORT = join(root, 'test-results/report.json');

/**
 * Runs the specs in real browsers. A flaky or skipped one counts as failed, and so does an error
 * outside of any test.
 */
async function browserTests() {
  rmSync(REPORT, { force: true });
  const ended = await tool('playwright', ['test'], { show: true }).catch((error) => error);
  const { stats, errors } = JSON.parse(readFileSync(REPORT, 'utf8'));
  const failed = stats.unexpected + stats.flaky + stats.skipped + errors.length;
  if (ended instanceof Error && !failed) throw ended;
  if (!stats.expected) throw new Error('no browser test passed');
  return { passed: stats.expected, failed };
}

const total = { passed: 0, failed: 0 };
for (const [name, part] of [
  ['browsers', installBrowsers],
  ['check', check],
  ['tests that take long', () => unitTests('vitest.slow.config.ts')],
  ['bundlers', bundlerTests],
  ['browser tests', browserTests],
  ['webkit', webkitTests],
]) {
  try {
    const counts = await part();
    total.passed += counts?.passed ?? 0;
    total.failed += counts?.failed ?? 0;
  } catch (error) {
    total.failed++;
    console.log(`${error instanceof Error ? error.message : error}\n${name}: FAILED`);
  }
}
process.exitCode = total.failed || !total.passed ? 1 : 0;
console.log(`${total.passed} passed, ${total.failed} failed`);
