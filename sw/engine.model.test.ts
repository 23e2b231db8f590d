import fc from 'fast-check';
import { afterEach, expect, it, vi } from 'vitest';
import { commands, run, settings } from './model/model-commands.js';
import { createWorld } from './model/model-world.js';

const RUNS = Number(process.env.MODEL_RUNS ?? 3_000);
/**
 * The test command plays the same histories every time; another seed plays others:
 * `MODEL_SEED=$RANDOM npx vitest run sw/engine.model`.
 */
const SEED = Number(process.env.MODEL_SEED ?? 1);

afterEach(() => {
  vi.restoreAllMocks();
});

async function play(runs: number, mixed: boolean): Promise<void> {
  const timeout = vi.spyOn(AbortSignal, 'timeout');
  let played = 0;
  await fc.assert(
    fc.asyncProperty(settings(mixed), commands, async (config, history) => {
      played += 1;
      const world = createWorld(config);
      // The engine's time-outs run on the world's clock.
      timeout.mockImplementation((span) => world.scheduler.timeout(span));
      try {
        for (const command of history) await run(world, command);
        await world.finish();
      } catch (error) {
        throw new Error(`${String(error)}\n${world.scheduler.trace.join('\n')}`);
      }
    }),
    { numRuns: runs, seed: SEED, interruptAfterTimeLimit: 900_000, markInterruptAsFailure: true },
  );
  expect(played).toBeGreaterThanOrEqual(runs);
}

it(`keeps its invariants in ${RUNS} histories of tabs, kills, faults and clocks`, { timeout: 930_000 }, () =>
  play(RUNS, false),
);

const MIXED = Math.ceil(RUNS / 5);
it(`keeps them in ${MIXED} more, where the second engine is of the next version`, { timeout: 930_000 }, () =>
  play(MIXED, true),
);
