import { defineConfig } from 'vitest/config';
import config, { SLOW } from './vitest.config.js';

/**
 * The tests that take long, two files at a time: at first, users sign in. The model plays more
 * histories here than in `npm run check`, and others, and the engine reads more broken records.
 */
export default defineConfig({
  ...config,
  test: {
    ...config.test,
    include: [...SLOW, 'sw/engine.model.test.ts', 'sw/stored-state.fuzz.test.ts'],
    env: { MODEL_RUNS: '10000', MODEL_SEED: '2', RECORD_RUNS: '10000' },
    exclude: [],
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
});
