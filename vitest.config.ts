import { defineConfig } from 'vitest/config';

export default defineConfig({
  // As the build bundles it: without the logs that workbox-window writes in development.
  define: { 'process.env.NODE_ENV': '"production"' },
  test: {
    include: ['{sw,client,server,e2e}/**/*.test.ts'],
    environment: 'node',
    // All of them: by default one is left to the watcher, half of a small machine.
    maxWorkers: '100%',
    setupFiles: ['vitest.setup.ts'],
    testTimeout: 30_000,
    restoreMocks: true,
    // Child processes and the network take their time on a busy machine.
    expect: { poll: { timeout: 10_000 } },
    server: { deps: { inline: [/workbox/] } },
  },
});
