import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/**
 * The specs in WebKitGTK: apart from the unit tests, which need no browser, and from Playwright's,
 * which cannot drive this one.
 */
// biome-ignore lint/style/noDefaultExport: vitest takes it from there.
export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    include: ['e2e/webkit/specs/*.spec.ts'],
    environment: 'node',
    // Each file has browsers of its own, and most of its time is spent waiting.
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 30_000, interval: 100 } },
  },
});
