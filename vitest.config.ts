import { availableParallelism } from 'node:os';
import { configDefaults, defineConfig } from 'vitest/config';

/**
 * Tests that take long: they wait for real outages, time-outs and restarts, or run several
 * processes. They are no part of `npm run check`.
 */
export const SLOW = [
  'e2e/outages/*.test.ts',
  'server/serve/deploy.test.ts',
  'server/routes/login-outage.test.ts',
  'server/refresh/grants-in-outage.test.ts',
  'server/refresh/processes.test.ts',
  'server/refresh/provider-outage.test.ts',
  'server/refresh/real-time.test.ts',
];

export default defineConfig({
  // As the build bundles it: without the logs that workbox-window writes in development.
  define: { 'process.env.NODE_ENV': '"production"' },
  test: {
    include: ['{sw,client,server,e2e}/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...SLOW],
    environment: 'node',
    // One more than the machine has cores: many tests wait for a socket, a process or a timer, and
    // leave theirs idle.
    maxWorkers: availableParallelism() + 1,
    setupFiles: ['vitest.setup.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    restoreMocks: true,
    // Child processes and the network take their time on a busy machine.
    expect: { poll: { timeout: 10_000 } },
    server: { deps: { inline: [/workbox/] } },
  },
});
