import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{sw,client,server,e2e}/**/*.test.ts'],
    environment: 'node',
    testTimeout: 30_000,
    restoreMocks: true,
  },
});
