import type { Page } from '@playwright/test';
import { test } from '../support/own-site.js';
import { gaps } from '../support/pace.js';
import { told } from '../support/page-log.js';
import { expect, expectKept, expectStatus, signIn, signInThere, typeFor, typeUntil } from '../support/test.js';

const DAYS_SECONDS = 86_400;
const INTERVAL_MS = 2_000;

declare global {
  interface Window {
    timersSet: number;
  }
}

/**
 * Counts the timers that a page sets: one that is too long for a browser fires at once, and then
 * for ever.
 */
async function countTimers(page: Page): Promise<() => Promise<number>> {
  await page.addInitScript(() => {
    window.timersSet = 0;
    window.setTimeout = new Proxy(window.setTimeout, {
      apply(target, self, args) {
        window.timersSet += 1;
        return Reflect.apply(target, self, args);
      },
    });
  });
  return () => page.evaluate(() => window.timersSet);
}

test.describe('lifetimes and an interval of ninety days', () => {
  test.use({
    pace: {
      accessTokenTtlSeconds: 90 * DAYS_SECONDS,
      refreshTokenIdleSeconds: 90 * DAYS_SECONDS,
      refreshAfterSeconds: 90 * DAYS_SECONDS,
      idleTimeoutSeconds: 90 * DAYS_SECONDS,
      absoluteTimeoutSeconds: 180 * DAYS_SECONDS,
    },
  });

  test('are too long for a timer: one beat at the start, and neither a loop nor a second one', async ({
    page,
    demo,
    server,
  }) => {
    const timers = await countTimers(page);
    await signIn(page, demo, 'Ada', `/small/?interval=${80 * DAYS_SECONDS * 1_000}`);
    const before = await timers();
    await typeFor(page, 3);
    expect((await timers()) - before).toBeLessThan(100);
    expect(server.beats).toHaveLength(1);
    const snapshot = (await told(page, 'onRefreshed')).at(-1)?.value;
    const DAY_MS = DAYS_SECONDS * 1_000;
    expect((snapshot?.idleExpiresAt ?? 0) - Date.now()).toBeGreaterThan(89 * DAY_MS);
    // Longer than 32 bits of milliseconds hold.
    expect((snapshot?.wakeAt ?? 0) - Date.now()).toBeGreaterThan(25 * DAY_MS);
    await expectStatus(page, 'active');
  });
});

test.describe('a session of which no end is known', () => {
  test.use({ ownSessions: { idleMs: 3_600_000, facts: {} } });

  test('beats at the interval, and nothing else', async ({ page, server, site }) => {
    const timers = await countTimers(page);
    await signInThere(page, site.url);
    const before = await timers();
    await typeUntil(page, () => server.beats.length >= 4);
    const pauses = gaps(server.beats.map(({ arrivedAt }) => arrivedAt));
    expect(Math.min(...pauses)).toBeGreaterThan(INTERVAL_MS * 0.9 - 300);
    expect((await timers()) - before).toBeLessThan(200);
    expect(server.checks).toEqual([]);
    expect((await told(page, 'onRefreshed')).at(-1)?.value).toMatchObject({
      status: 'active',
      idleExpiresAt: null,
      absoluteExpiresAt: null,
      accessTokenExpiresAt: null,
      ending: null,
    });
  });
});

test.describe('access tokens of five seconds', () => {
  test.use({ pace: { accessTokenTtlSeconds: 5, refreshTokenIdleSeconds: 30, idleTimeoutSeconds: 10 } });

  test('are refreshed while the user types, and the session ends when they have gone @chromium-only', async ({
    page,
    demo,
  }) => {
    await signIn(page, demo);
    // For longer than any of them and than the idle limit.
    await typeFor(page, 12);
    await expectKept(page);
    await expectStatus(page, 'expired');
    expect((await told(page, 'onExpired')).map(({ value }) => value.reason)).toEqual(['idle_timeout']);
  });
});
