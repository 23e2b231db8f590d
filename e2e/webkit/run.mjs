import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { tool } from '../../tools/command.mjs';
import { canInstall } from '../setup/install-browsers.mjs';
import { WEBKIT_PROGRAMS } from './programs.mjs';

const CONFIG = 'e2e/webkit/vitest.config.ts';

/** A skipped test, and a file that does not even load, count as failed. */
async function runSpecs() {
  const folder = mkdtempSync(join(tmpdir(), 'stillhere-webkit-'));
  const file = join(folder, 'report.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  try {
    const ended = await tool('vitest', ['run', '--config', CONFIG, ...reporters], { show: true }).catch(
      (error) => error,
    );
    const report = JSON.parse(readFileSync(file, 'utf8'));
    const unloaded = report.testResults.filter(
      (result) => result.status === 'failed' && !result.assertionResults.length,
    );
    const failed = report.numFailedTests + report.numPendingTests + report.numTodoTests + unloaded.length;
    if (ended instanceof Error && !failed) throw ended;
    if (!report.numPassedTests && !failed) throw new Error('no spec ran in WebKitGTK');
    return { passed: report.numPassedTests, failed };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * Runs the central specs in WebKitGTK. Where it is not there and cannot be installed, that is said,
 * and nothing fails.
 * @returns {Promise<{ passed: number, failed: number }>}
 */
export async function webkitTests() {
  const missing = WEBKIT_PROGRAMS.filter(({ there }) => !there());
  const names = missing.map(({ what }) => what).join(' and ');
  const install = `apt-get install ${missing.map(({ debian }) => debian).join(' ')}`;
  if (missing.length && canInstall()) {
    throw new Error(`The specs in WebKitGTK need ${names}. Install with "npm run browsers" or "${install}".`);
  }
  if (missing.length) {
    console.log(`webkit: left out, since this machine has no ${names}. On Debian, as root: ${install}`);
    return { passed: 0, failed: 0 };
  }
  const counts = await runSpecs();
  console.log(`webkit: ${counts.passed} passed, ${counts.failed} failed`);
  return counts;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    const { failed } = await webkitTests();
    process.exitCode = failed ? 1 : 0;
  } catch (error) {
    console.log(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
