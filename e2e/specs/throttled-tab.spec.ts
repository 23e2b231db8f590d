import { expect, signIn, snapshotOf, test, told } from '../support/natural-browser.js';

const AT_ONCE_MS = 1_000;

test.describe('a hidden tab whose timers the browser throttles to one a minute', () => {
  test.use({
    pace: { idleTimeoutSeconds: 150, refreshTokenIdleSeconds: 150, accessTokenTtlSeconds: 300 },
    // A user's browser does this after minutes; all else is as there.
    browserArgs: ['--enable-features=IntensiveWakeUpThrottling:grace_period_seconds/5'],
  });

  test('makes no beat while its user is away, and one at once when they return @chromium-only', async ({
    demo,
    natural,
    server,
  }) => {
    const page = await natural.newPage();
    await signIn(page, demo);
    await page.evaluate(() => {
      let last = Date.now();
      setInterval(() => {
        document.body.dataset.longest = String(Math.max(Number(document.body.dataset.longest ?? 0), Date.now() - last));
        last = Date.now();
      }, 200);
    });
    const cover = await natural.newPage();
    await cover.goto('about:blank');
    expect(await page.evaluate(() => document.visibilityState)).toBe('hidden');
    const quietFor = () => Date.now() - (server.beats.at(-1)?.arrivedAt ?? Date.now());
    await expect.poll(quietFor).toBeGreaterThan(5_000);
    const beats = server.beats.length;
    await expect
      .poll(() => page.evaluate(() => Number(document.body.dataset.longest ?? 0)), {
        timeout: 100_000,
        intervals: [1_000],
      })
      .toBeGreaterThan(20_000);
    expect(server.beats).toHaveLength(beats);

    await page.bringToFront();
    await expect.poll(() => server.beats.length).toBe(beats + 1);
    expect(server.beats.at(-1)?.activity).toBe('user');
    const returned = (await told(page, 'visibility')).at(-1);
    expect(returned?.value).toBe('visible');
    expect((server.beats.at(-1)?.arrivedAt ?? Number.NaN) - (returned?.at ?? Number.NaN)).toBeLessThanOrEqual(
      AT_ONCE_MS,
    );
    expect((await snapshotOf(page)).status).toBe('active');
  });
});
