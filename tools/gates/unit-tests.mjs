import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tool } from '../command.mjs';

/**
 * Runs the unit and property tests, or those of another configuration of Vitest.
 * @param {string} [config] its file.
 * @returns {Promise<{ passed: number, failed: number }>} a skipped test, or a file that does not
 * even load, counts as failed.
 */
export async function unitTests(config = 'vitest.config.ts') {
  const folder = mkdtempSync(join(tmpdir(), 'stillhere-unit-'));
  const file = join(folder, 'report.json');
  let failure;
  try {
    const args = ['--config', config, '--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    await tool('vitest', ['run', ...args], { show: true }).catch((error) => {
      failure = error;
    });
    const report = JSON.parse(readFileSync(file, 'utf8'));
    const passed = report.numPassedTests;
    const unloaded = report.testResults.filter(
      (result) => result.status === 'failed' && !result.assertionResults.length,
    );
    const failed = report.numFailedTests + report.numPendingTests + report.numTodoTests + unloaded.length;
    if (failure && !failed) throw failure;
    if (!passed) throw new Error('no unit test ran');
    return { passed, failed };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
