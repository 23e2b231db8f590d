import { coverTab, expectBeatAtReturn } from '../support/cover-tab.js';
import { expect, test } from '../support/natural-browser.js';

test.use({ pace: { idleTimeoutSeconds: 150, refreshTokenIdleSeconds: 150, accessTokenTtlSeconds: 300 } });

test('a tab that was covered by another for long beats at once when the user returns to it, before any key or click @chromium-only', async ({
  natural,
  server,
  tab,
}) => {
  await coverTab(tab, natural, server);
  await expectBeatAtReturn(tab, server);
});

test.describe('a hidden tab whose timers the browser throttles to one a minute', () => {
  // A user's browser does this after minutes; all else is as there.
  test.use({ browserArgs: ['--enable-features=IntensiveWakeUpThrottling:grace_period_seconds/5'] });

  test('makes no beat while its user is away, and one at once when they return @chromium-only', async ({
    natural,
    server,
    tab,
  }) => {
    await tab.evaluate(() => {
      let last = Date.now();
      setInterval(() => {
        document.body.dataset.longest = String(Math.max(Number(document.body.dataset.longest ?? 0), Date.now() - last));
        last = Date.now();
      }, 200);
    });
    await coverTab(tab, natural, server);
    const beats = server.beats.length;
    await expect
      .poll(() => tab.evaluate(() => Number(document.body.dataset.longest ?? 0)), {
        timeout: 100_000,
        intervals: [1_000],
      })
      .toBeGreaterThan(20_000);
    expect(server.beats).toHaveLength(beats);
    await expectBeatAtReturn(tab, server);
  });
});
