import puppeteer from 'puppeteer-core';
import { findChromium } from '../setup/browsers.mjs';
import { expect, test } from '../support/test.js';

const AT_ONCE_MS = 1_000;

test.describe('a tab that was covered by another for long', () => {
  test.use({ pace: { idleTimeoutSeconds: 60, refreshTokenIdleSeconds: 60, accessTokenTtlSeconds: 120 } });

  // By another driver: under Playwright every page is visible, whichever is in front.
  test('beats at once when the user returns to it, before any key or click @chromium-only', async ({
    demo,
    server,
  }) => {
    const browser = await puppeteer.launch({
      executablePath: findChromium()?.path ?? '',
      args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    });
    try {
      const page = await browser.newPage();
      await page.goto(`${demo.url}/`);
      await page.click('[data-testid="sign-in"]');
      await page.waitForSelector('input[name="login"]');
      await page.type('input[name="login"]', 'Ada');
      await page.keyboard.press('Enter');
      await page.waitForSelector('[data-testid="kept-status"][data-status="active"]');
      const returned = page.evaluate(
        () =>
          new Promise<number>((resolve) => {
            document.addEventListener('visibilitychange', () => {
              if (document.visibilityState === 'visible') resolve(Date.now());
            });
          }),
      );
      const other = await browser.newPage();
      await other.goto('about:blank');
      expect(await page.evaluate(() => document.visibilityState)).toBe('hidden');

      // Two spans without a beat, and each is longer than the interval: what was due before is out, and nobody reports anything.
      const quietFor = () => Date.now() - (server.beats.at(-1)?.arrivedAt ?? Date.now());
      await expect.poll(quietFor).toBeGreaterThan(6_000);
      const absent = server.beats.length;
      await page.bringToFront();
      const at = await returned;
      await expect.poll(() => server.beats.length).toBe(absent + 1);
      expect(server.beats.at(-1)?.activity).toBe('user');
      expect((server.beats.at(-1)?.arrivedAt ?? Number.NaN) - at).toBeLessThanOrEqual(AT_ONCE_MS);
    } finally {
      await browser.close();
    }
  });
});
