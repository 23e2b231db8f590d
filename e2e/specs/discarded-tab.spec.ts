import type { Page } from 'puppeteer-core';
import { discardTab } from '../support/discard-tab.js';
import {
  events,
  expect,
  openSignedIn,
  snapshotOf,
  test,
  told,
  typeUntil,
  waitForStatus,
} from '../support/natural-browser.js';
import { quietFor } from '../support/pace.js';

/** The browser has loaded the tab anew, in the background. */
async function expectLoadedAnew(tab: Page, status: string): Promise<void> {
  await waitForStatus(tab, status);
  const load = await tab.evaluate(() => ({
    wasDiscarded: 'wasDiscarded' in document && document.wasDiscarded,
    visibility: document.visibilityState,
  }));
  expect(load).toEqual({ wasDiscarded: true, visibility: 'hidden' });
}

test('a discarded tab that missed the end of its session learns it when it is loaded again, once @chromium-only', async ({
  demo,
  natural,
  server,
}) => {
  const page = await openSignedIn(natural, demo);
  const { idleExpiresAt } = await snapshotOf(page);
  let beats = 0;
  const tab = await discardTab(natural, demo.url, async () => {
    await expect.poll(() => Date.now(), { timeout: 20_000 }).toBeGreaterThan((idleExpiresAt ?? Infinity) + 500);
    beats = server.beats.length;
  });
  await expectLoadedAnew(tab, 'expired');
  await tab.bringToFront();
  expect((await told(tab, 'onExpired')).map(({ value }) => value.reason)).toEqual(['idle_timeout']);
  expect(await events(tab, 'end')).toHaveLength(1);
  expect(server.beats).toHaveLength(beats);
});

test.describe('a discarded tab whose session lives', () => {
  test.use({ pace: { idleTimeoutSeconds: 60, refreshTokenIdleSeconds: 60, accessTokenTtlSeconds: 120 } });

  test('makes no beat when it is loaded again, and one at once when its user returns to it @chromium-only', async ({
    demo,
    natural,
    server,
  }) => {
    await openSignedIn(natural, demo);
    let beats = 0;
    const tab = await discardTab(natural, demo.url, async () => {
      // Longer than the interval: a beat is due, and what counted as activity would send it at
      // once.
      await expect.poll(() => quietFor(server)).toBeGreaterThan(4_000);
      beats = server.beats.length;
    });
    await expectLoadedAnew(tab, 'active');
    const loadedAt = Date.now();
    expect((await snapshotOf(tab)).wakeAt).toBeLessThan(loadedAt);
    await expect.poll(() => Date.now() - loadedAt).toBeGreaterThan(2_000);
    expect(server.beats).toHaveLength(beats);
    expect(await events(tab, 'beat')).toEqual([]);

    await tab.bringToFront();
    await expect.poll(() => server.beats.length).toBe(beats + 1);
    expect(server.beats.at(-1)?.activity).toBe('user');
    await typeUntil(tab, () => server.beats.length > beats + 1);
    expect((await snapshotOf(tab)).status).toBe('active');
  });
});
