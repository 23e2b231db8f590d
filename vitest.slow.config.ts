import { defineConfig } from 'vitest/config';
import config, { SLOW } from './vitest.config.js';

/** The tests that wait for real time, two files at a time: at first, users sign in. */
export default defineConfig({
  ...config,
  test: {
    ...config.test,
    include: SLOW,
    exclude: [],
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
});
