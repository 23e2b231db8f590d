import { pathToFileURL } from 'node:url';
import { tool } from './command.mjs';
import { comments } from './gates/comments.mjs';
import { forbiddenNames } from './gates/forbidden-names.mjs';
import { installed, packageExports } from './gates/package.mjs';
import { readmeExamples } from './gates/readme-examples.mjs';
import { reproducibleBuild } from './gates/reproducible-build.mjs';
import { sizes } from './gates/sizes.mjs';
import { sources } from './gates/sources.mjs';
import { unitTests } from './gates/unit-tests.mjs';

/**
 * Every gate, in the order in which a failure is cheapest to learn. A gate fails by throwing; one
 * that runs tests gives their counts.
 */
const GATES = [
  ['types', () => tool('tsc', ['-b'])],
  ['lint and format', () => tool('biome', ['check', '--error-on-warnings', '.'])],
  ['width of comments', comments],
  ['architecture and purity of the core', sources],
  ['build, twice the same', reproducibleBuild],
  ['sizes', sizes],
  ['forbidden names in browser bundles', forbiddenNames],
  ["the README's examples", readmeExamples],
  ['package exports and types', packageExports],
  ['install in an empty project', installed],
  ['unit and property tests', () => unitTests()],
];

/**
 * Runs all gates, also after one has failed, and prints each.
 * @returns {Promise<{ passed: number, failed: number }>} gates and tests together.
 */
export async function check() {
  const total = { passed: 0, failed: 0 };
  for (const [name, gate] of GATES) {
    const started = performance.now();
    const took = () => `${((performance.now() - started) / 1000).toFixed(1)} s`;
    console.log(`check: ${name}`);
    try {
      const counts = await gate();
      const { passed, failed } = typeof counts === 'object' && counts ? counts : { passed: 1, failed: 0 };
      total.passed += passed;
      total.failed += failed;
      console.log(`check: ${name}: ${failed ? `${failed} FAILED` : 'ok'} (${took()})`);
    } catch (error) {
      total.failed++;
      console.log(`${error instanceof Error ? error.message : error}\ncheck: ${name}: FAILED (${took()})`);
    }
  }
  return total;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { passed, failed } = await check();
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed || !passed ? 1 : 0;
}
