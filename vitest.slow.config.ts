import { defineConfig } from 'vitest/config';
import config, { SLOW } from './vitest.config.js';

/** The tests that wait for real time, side by side: they use next to no processor time. */
export default defineConfig({
  ...config,
  test: {
    ...config.test,
    include: SLOW,
    exclude: [],
    maxWorkers: SLOW.length + 1,
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
});
