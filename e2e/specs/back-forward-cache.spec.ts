import type { Browser, Page } from 'puppeteer-core';
import {
  expect,
  logOf,
  openSignedIn,
  openTab,
  signOut,
  snapshotOf,
  test,
  told,
  typeUntil,
  waitForStatus,
} from '../support/natural-browser.js';
import type { Entry } from '../support/small-app/log.js';

/** Goes on to another page of the site, as by a link. */
async function leave(page: Page): Promise<void> {
  await Promise.all([page.waitForNavigation(), page.click('#leave')]);
}

/**
 * Goes back. The page has to come from the cache: with its memory, and without a reason why not.
 */
async function goBack(page: Page): Promise<void> {
  await page.evaluate(() => history.back());
  await page.waitForSelector('#leave');
  await expect.poll(async () => (await told(page, 'pageshow')).length).toBeGreaterThan(0);
  const shows = await told(page, 'pageshow');
  const reasons = await page.evaluate(() => {
    const [entry] = performance.getEntriesByType('navigation');
    return entry && 'notRestoredReasons' in entry ? entry.notRestoredReasons : null;
  });
  expect({ persisted: shows.map(({ value }) => value.persisted), reasons }).toEqual({
    persisted: [false, true],
    reasons: null,
  });
  await expect.poll(async () => (await told(page, 'firstFrame')).length).toBe(1);
}

/**
 * Nobody could see a thing: not when the page was told that it is back, and not in the first frame
 * that it drew.
 */
async function expectCoveredAtReturn(page: Page): Promise<void> {
  expect((await told(page, 'pageshow')).at(-1)?.value.shown).toBe(false);
  expect((await told(page, 'firstFrame')).map(({ value }) => value.shown)).toEqual([false]);
}

/** The provider forgets who this is; the sessions of the site go on. */
async function forgetAtProvider(browser: Browser): Promise<void> {
  const cookies = await browser.cookies();
  await browser.deleteCookie(...cookies.filter(({ domain }) => domain === '127.0.0.1'));
}

for (const host of ['worker', 'page']) {
  const path = host === 'worker' ? '/small/' : '/small/?worker=off';
  test.describe(`a page in the back/forward cache, with the engine in the ${host},`, () => {
    test('comes back alive, without a reload, though others have beaten meanwhile, and goes on @chromium-only', async ({
      demo,
      natural,
      server,
    }) => {
      const page = await openSignedIn(natural, demo, 'Ada', path);
      await typeUntil(page, () => server.beats.length >= 2);
      await leave(page);
      // All that is said on the channel meanwhile would throw a page out of the cache that had left
      // it open.
      const other = await openTab(natural, demo, path);
      const missed = server.beats.length;
      await typeUntil(other, () => server.beats.length >= missed + 2 && server.beats.at(-1)?.answer?.status === 200);
      await page.bringToFront();
      await goBack(page);
      const isUpToDate = async () => (await snapshotOf(page)).lastBeatAt === (await snapshotOf(other)).lastBeatAt;
      await expect.poll(isUpToDate).toBe(true);
      const beats = server.beats.length;
      await typeUntil(page, () => server.beats.length > beats);
      expect((await told(page, 'firstFrame')).map(({ value }) => value.shown)).toEqual([true]);
      expect(await told(page, 'onConceal')).toEqual([]);
      expect(await snapshotOf(page)).toMatchObject({ status: 'active', host });
    });

    test('is covered before it is seen when another tab has signed out, and learns it once @chromium-only', async ({
      demo,
      natural,
    }) => {
      const page = await openSignedIn(natural, demo, 'Ada', path);
      await leave(page);
      const other = await openTab(natural, demo, path);
      await signOut(other);
      await page.bringToFront();
      await goBack(page);
      await expectCoveredAtReturn(page);
      await waitForStatus(page, 'signed-out');
      expect(await told(page, 'onSignedOut')).toHaveLength(1);
      expect((await told(page, 'onConceal')).map(({ value }) => value)).toEqual([true]);
    });

    test('is covered before it is seen when somebody else has signed in, and is told before it is uncovered @chromium-only', async ({
      demo,
      natural,
    }) => {
      const page = await openSignedIn(natural, demo, 'Ada', path);
      await leave(page);
      await forgetAtProvider(natural);
      await openSignedIn(natural, demo, 'Grace', path);
      await page.bringToFront();
      await goBack(page);
      expect((await told(page, 'pageshow')).at(-1)?.value.shown).toBe(false);
      const isOfInterest = ({ callback }: Entry): boolean => /UserChanged|Conceal/.test(callback);
      await expect
        .poll(async () => (await logOf(page)).filter(isOfInterest).map(({ callback }) => callback))
        .toEqual(['onConceal', 'onUserChanged', 'onConceal']);
      // A frame that shows anything comes after the page knew.
      const log = await logOf(page);
      const [frame] = await told(page, 'firstFrame');
      const isToldBefore =
        log.findIndex(({ callback }) => callback === 'onUserChanged') <
        log.findIndex(({ callback }) => callback === 'firstFrame');
      expect(frame?.value.shown === false || isToldBefore).toBe(true);
    });

    test('is covered before it is seen when the idle limit has passed, and learns the end once @chromium-only', async ({
      demo,
      natural,
    }) => {
      const page = await openSignedIn(natural, demo, 'Ada', path);
      const { idleExpiresAt } = await snapshotOf(page);
      expect(idleExpiresAt).not.toBeNull();
      await leave(page);
      await expect.poll(() => Date.now(), { timeout: 20_000 }).toBeGreaterThan((idleExpiresAt ?? 0) + 500);
      await goBack(page);
      await expectCoveredAtReturn(page);
      await waitForStatus(page, 'expired');
      expect((await told(page, 'onExpired')).map(({ value }) => value.reason)).toEqual(['idle_timeout']);
    });
  });
}
