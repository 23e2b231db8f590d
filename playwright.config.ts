import { defineConfig } from '@playwright/test';
import { findChromium, findFirefox } from './e2e/setup/browsers.mjs';

const chromium = findChromium();
const firefox = findFirefox();
const isRoot = process.getuid?.() === 0;

/**
 * No `webServer`: each spec starts a demo of its own, on a free port, with the limits that it
 * needs.
 */
export default defineConfig({
  testDir: 'e2e/specs',
  forbidOnly: true,
  // Specs wait more than they work: three of them keep two cores busy, no more.
  workers: 3,
  retries: 0,
  // Limits for what will never come: a busy machine takes its time, and no spec waits for them.
  timeout: 240_000,
  expect: { timeout: 30_000 },
  reporter: [['list'], ['json', { outputFile: 'test-results/report.json' }]],
  use: { trace: 'off', screenshot: 'only-on-failure' },
  projects: [
    {
      name: 'chromium',
      grepInvert: /@firefox-only/,
      use: {
        browserName: 'chromium',
        launchOptions: {
          ...(chromium && { executablePath: chromium.path }),
          // Chromium's sandbox refuses to run as root, as in a container.
          args: isRoot ? ['--no-sandbox'] : [],
        },
      },
    },
    {
      name: 'firefox',
      grepInvert: /@chromium-only/,
      use: {
        browserName: 'firefox',
        // A stock Firefox speaks WebDriver BiDi; Playwright's own build speaks a protocol of its
        // own.
        ...(firefox?.stock && { channel: 'moz-firefox' }),
        launchOptions: {
          ...(firefox && { executablePath: firefox.path }),
          // A worker dies a natural death 2 s after its last event, so that every spec meets cold
          // starts.
          firefoxUserPrefs: {
            'dom.serviceWorkers.idle_timeout': 2_000,
            'dom.serviceWorkers.idle_extended_timeout': 30_000,
          },
        },
      },
    },
  ],
});
