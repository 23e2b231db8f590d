/**
 * The model test for longer: so many histories, a part of them with each seed, one part after the
 * other. Prints each seed as it passes; of a failure the seed and the shrunk history, and goes on.
 * Needs no build. Usage: npm run model [-- histories [first seed]]
 */
import { tool } from '../tools/command.mjs';

const HISTORIES = Number(process.argv[2] ?? 100_000);
const FIRST_SEED = Number(process.argv[3] ?? 1);
/** A part that one run of the test can play well within its time limit, on a busy machine too. */
const PART = 5_000;

const failed = [];
let played = 0;
const started = performance.now();
for (let seed = FIRST_SEED; played < HISTORIES; seed += 1) {
  const runs = Math.min(PART, HISTORIES - played);
  try {
    await tool('vitest', ['run', 'sw/engine.model'], {
      env: { ...process.env, NO_COLOR: '1', MODEL_RUNS: String(runs), MODEL_SEED: String(seed) },
    });
  } catch (error) {
    failed.push(seed);
    console.log(`model: FAILED, to be played again with MODEL_SEED=${seed} MODEL_RUNS=${runs}\n${error.message}`);
  }
  played += runs;
  const minutes = (performance.now() - started) / 60_000;
  console.log(
    `model: seed ${seed}: ${played} histories, and a fifth as many with an engine of the next version, ${minutes.toFixed(1)} min`,
  );
}
console.log(`model: ${played} histories, ${failed.length ? `seeds that failed: ${failed.join(', ')}` : 'none failed'}`);
process.exitCode = failed.length ? 1 : 0;
