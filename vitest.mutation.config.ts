import { defineConfig } from 'vitest/config';

/**
 * The tests that a mutation has to fail: the quick ones of the decision and the engine, without the
 * model and without chance.
 */
export default defineConfig({
  test: {
    include: [
      'sw/core/*.test.ts',
      'sw/engine.test.ts',
      'sw/engine-news.test.ts',
      'sw/stored-state.test.ts',
      'sw/protocol.test.ts',
    ],
    environment: 'node',
    restoreMocks: true,
  },
});
