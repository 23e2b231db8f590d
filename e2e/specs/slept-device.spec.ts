import type { Browser, CDPSession, Page } from 'puppeteer-core';
import { events, expect, snapshotOf, told, typeUntil, waitForStatus } from '../support/natural-browser.js';
import { test } from '../support/own-site.js';
import { gaps } from '../support/pace.js';
import { shiftClock } from '../support/shift-clock.js';

test.use({ ownSessions: { idleMs: 30_000 } });

const HOUR_MS = 3_600_000;
const INTERVAL_MS = 2_000;

/**
 * Three tabs of a device that sleeps: all are frozen, and when they wake their clock is an hour
 * later. The server's is not: for it the session lives. The engine runs in the pages, since no
 * driver sets the clock of a worker.
 */
async function openTabs(natural: Browser, url: string) {
  const tabs: Page[] = [];
  for (const to of [
    `/sign-in?to=${encodeURIComponent('/small/?worker=off')}`,
    '/small/?worker=off',
    '/small/?worker=off',
  ]) {
    const tab = await natural.newPage();
    await shiftClock(tab, 0);
    await tab.goto(url + to);
    await waitForStatus(tab, 'active');
    tabs.push(tab);
  }
  const [page] = tabs;
  if (!page) throw new Error('No tab was opened.');
  await page.bringToFront();
  const sessions: CDPSession[] = [];
  return {
    page,
    tabs,
    async sleep() {
      // A tab in front is frozen by no browser.
      const cover = await natural.newPage();
      await cover.goto('about:blank');
      for (const tab of tabs) {
        const cdp = await tab.createCDPSession();
        await cdp.send('Page.setWebLifecycleState', { state: 'frozen' });
        await expect.poll(async () => (await told(tab, 'freeze')).length).toBe(1);
        await tab.evaluate((ms) => window.setClock(ms), HOUR_MS);
        sessions.push(cdp);
      }
    },
    async wake() {
      await Promise.all(sessions.map((cdp) => cdp.send('Page.setWebLifecycleState', { state: 'active' })));
    },
  };
}

async function expectNoEnd(tabs: readonly Page[]): Promise<void> {
  for (const tab of tabs) {
    expect((await snapshotOf(tab)).status).toBe('active');
    expect(await told(tab, 'onExpired')).toEqual([]);
  }
}

test('a device that slept an hour makes one beat at the first sign of its user, and not one per tab @chromium-only', async ({
  natural,
  server,
  site,
}) => {
  const { page, tabs, sleep, wake } = await openTabs(natural, site.url);
  await typeUntil(page, async () => (await told(page, 'onRefreshed')).length >= 2);
  await sleep();
  const slept = server.beats.length;
  const checked = server.checks.length;
  await wake();
  // The end that was announced has passed on its clock: asked about once, which is no beat.
  await expect.poll(() => server.checks.length).toBe(checked + 1);
  expect(server.beats).toHaveLength(slept);

  await page.bringToFront();
  await expect.poll(() => server.beats.length).toBe(slept + 1);
  expect(server.beats.at(-1)?.activity).toBe('user');
  await typeUntil(page, () => server.beats.length >= slept + 3 && server.beats.at(-1)?.answer?.status === 200);
  const pauses = gaps(server.beats.slice(slept).map(({ arrivedAt }) => arrivedAt));
  expect(Math.min(...pauses)).toBeGreaterThan(INTERVAL_MS * 0.9 - 300);
  expect(server.checks.length).toBe(checked + 1);
  await expectNoEnd(tabs);
});

test('after a sleep the network may come late: a few attempts, no end, and what was covered is uncovered @chromium-only', async ({
  natural,
  server,
  site,
}) => {
  const { page, tabs, sleep, wake } = await openTabs(natural, site.url);
  await typeUntil(page, async () => (await told(page, 'onRefreshed')).length >= 2);
  await sleep();
  await site.stop();
  const woken = Date.now();
  await wake();
  await page.bringToFront();
  await typeUntil(page, () => Date.now() - woken > 3_000);
  await site.start();
  const late = Date.now() - woken;
  const before = server.beats.length;
  await typeUntil(page, () => server.beats.length > before && server.beats.at(-1)?.answer?.status === 200);
  await expectNoEnd(tabs);
  const attempts = [...(await events(page, 'beat')), ...(await events(page, 'check'))].filter(
    ({ at }) => at - HOUR_MS >= woken && at - HOUR_MS <= woken + late,
  );
  // Of all tabs together: rule 8 would allow three and one a second.
  expect(attempts.length).toBeGreaterThanOrEqual(1);
  expect(attempts.length).toBeLessThanOrEqual(3 + late / 1_000);
  for (const tab of tabs) {
    // Nobody could say whether the session lives.
    const concealed = async () => (await told(tab, 'onConceal')).map(({ value }) => value);
    await expect.poll(concealed).toEqual([true, false]);
  }
});
