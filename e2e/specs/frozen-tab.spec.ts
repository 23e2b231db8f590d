import type { Page } from 'puppeteer-core';
import { expectWithin } from '../support/machine.js';
import {
  events,
  expect,
  openSignedIn,
  openTab,
  signOut,
  snapshotOf,
  test,
  told,
  typeUntil,
  waitForStatus,
} from '../support/natural-browser.js';

const AT_ONCE_MS = 1_000;

/**
 * Freezes a tab once, as a browser does with one that was hidden for long. Returns what wakes it.
 */
async function freeze(page: Page): Promise<() => Promise<void>> {
  const cdp = await page.createCDPSession();
  await cdp.send('Page.setWebLifecycleState', { state: 'frozen' });
  await expect.poll(async () => (await told(page, 'freeze')).length).toBe(1);
  return () => cdp.send('Page.setWebLifecycleState', { state: 'active' });
}

/**
 * The page was told once, and at the latest when it woke: what others say on a channel may reach a
 * frozen page too.
 */
async function expectOneEnd(page: Page, callback: 'onExpired' | 'onSignedOut'): Promise<void> {
  await expect.poll(async () => (await told(page, callback)).length).toBe(1);
  const [end] = await told(page, callback);
  const [resumed] = await told(page, 'resume');
  expectWithin(AT_ONCE_MS, resumed?.at, end?.at);
  expect(await events(page, 'end')).toHaveLength(1);
}

test.describe('a frozen tab', () => {
  test('learns of a sign-out in another tab as soon as it wakes, and once @chromium-only', async ({
    demo,
    natural,
  }) => {
    const page = await openSignedIn(natural, demo);
    const other = await openTab(natural, demo);
    const wake = await freeze(page);
    await signOut(other);
    await waitForStatus(other, 'signed-out');
    await wake();
    await expectOneEnd(page, 'onSignedOut');
  });

  test('learns of a sign-out that no tab told as soon as it wakes, and once @chromium-only', async ({
    demo,
    natural,
  }) => {
    const page = await openSignedIn(natural, demo);
    const other = await natural.newPage();
    // A page of the site without Stillhere: nothing is said on any channel.
    await other.goto(`${demo.url}/small/other`);
    const wake = await freeze(page);
    await other.evaluate(() => fetch('/auth/logout', { method: 'POST', headers: { 'X-Stillhere': '1' } }));
    await wake();
    await expectOneEnd(page, 'onSignedOut');
  });

  test('that was alone when its session ended learns it as soon as it wakes, once @chromium-only', async ({
    demo,
    natural,
  }) => {
    const page = await openSignedIn(natural, demo);
    const { idleExpiresAt } = await snapshotOf(page);
    expect(idleExpiresAt).not.toBeNull();
    const wake = await freeze(page);
    await expect.poll(() => Date.now(), { timeout: 20_000 }).toBeGreaterThan((idleExpiresAt ?? 0) + 500);
    await wake();
    await expectOneEnd(page, 'onExpired');
    expect((await snapshotOf(page)).reason).toBe('idle_timeout');
  });

  test('that missed beats goes on, without one of its own that nobody needs @chromium-only', async ({
    demo,
    natural,
    server,
  }) => {
    const page = await openSignedIn(natural, demo);
    const other = await openTab(natural, demo);
    const wake = await freeze(page);
    const missed = server.beats.length;
    // The last one answered: nothing is on its way when the tab wakes.
    await typeUntil(other, () => server.beats.length >= missed + 3 && server.beats.at(-1)?.answer?.status === 200);
    const beats = server.beats.length;
    await wake();
    const isUpToDate = async () => (await snapshotOf(page)).lastBeatAt === (await snapshotOf(other)).lastBeatAt;
    await expect.poll(isUpToDate).toBe(true);
    expect(server.beats).toHaveLength(beats);
    await page.bringToFront();
    await typeUntil(page, () => server.beats.length > beats);
    expect((await snapshotOf(page)).status).toBe('active');
  });
});
