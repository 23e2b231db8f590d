import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'puppeteer-core';
import { expectWithin } from '../support/machine.js';
import {
  events,
  expect,
  launchNatural,
  open,
  openSignedIn,
  openTab,
  pressKey,
  signIn,
  snapshotOf,
  test,
  told,
  typeUntil,
} from '../support/natural-browser.js';
import { reportedAt } from '../support/server-log.js';

const SLACK_MS = 4_000;
/**
 * What is under way between a page, the worker and the server makes activity look later than it
 * was.
 */
const UNDER_WAY_MS = 1_000;

const pace = (idleSeconds: number) => ({ idleTimeoutSeconds: idleSeconds, refreshTokenIdleSeconds: idleSeconds });

/**
 * What a page shows. A hidden page draws nothing, and a driver that waits for a frame waits for
 * ever.
 */
const statusOf = (page: Page | null): Promise<string | undefined> =>
  page?.evaluate(() => document.getElementById('kept-status')?.dataset.status).catch(() => undefined) ??
  Promise.resolve(undefined);

/** The end came when it should after `reported`, the latest sign of the user, and was told once. */
async function expectEnd(page: Page, reported: number, idleSeconds: number): Promise<void> {
  await expect.poll(() => statusOf(page), { timeout: (idleSeconds + 10) * 1_000 }).toBe('expired');
  const expired = await told(page, 'onExpired');
  expect(expired.map(({ value }) => value.reason)).toEqual(['idle_timeout']);
  expectWithin(SLACK_MS, reported + idleSeconds * 1_000, expired[0]?.at);
  expect(await events(page, 'end')).toHaveLength(1);
}

test.describe('with tabs that nobody looks at', () => {
  // A tab that crashes may take a busy machine seconds.
  test.use({ pace: pace(12) });

  test('a tab that crashed and one that is frozen count for nobody: who types in another keeps the session, and when they leave it ends @chromium-only', async ({
    demo,
    natural,
    server,
  }) => {
    const crashing = await openSignedIn(natural, demo);
    const frozen = await openTab(natural, demo);
    const cdp = await frozen.createCDPSession();
    await crashing.bringToFront();
    await pressKey(crashing);
    await cdp.send('Page.setWebLifecycleState', { state: 'frozen' });
    // The last key may never be told: its tab is gone.
    await pressKey(crashing);
    await crashing.goto('chrome://crash').catch(() => undefined);

    const alive = await openTab(natural, demo);
    // An editor that lets no event through: who types is there all the same.
    await alive.evaluate(() => {
      for (const type of ['keydown', 'input', 'focusin'])
        document.addEventListener(type, (event) => event.stopImmediatePropagation(), true);
    });
    const since = Date.now();
    await typeUntil(alive, () => Date.now() - since > (demo.settings.idleTimeoutSeconds + 2) * 1_000);
    expect((await snapshotOf(alive)).status).toBe('active');
    const left = Date.now();
    await expectEnd(alive, reportedAt(server.beats), demo.settings.idleTimeoutSeconds);
    expectWithin(UNDER_WAY_MS, left, reportedAt(server.beats));
  });

  test('tabs that load in the background stand for nobody @chromium-only', async ({ demo, natural, server }) => {
    const page = await openSignedIn(natural, demo);
    const cover = await natural.newPage();
    await cover.goto('about:blank');
    expect(await page.evaluate(() => document.visibilityState)).toBe('hidden');
    const left = Date.now();

    const browser = await natural.target().createCDPSession();
    let opened = 0;
    while (
      (await snapshotOf(page)).status !== 'expired' &&
      Date.now() < left + (demo.settings.idleTimeoutSeconds + 10) * 1_000
    ) {
      const url = `${demo.url}/small/?tab=${opened}`;
      await browser.send('Target.createTarget', { url, background: true });
      const tab = await (await natural.waitForTarget((target) => target.url() === url)).page();
      await expect.poll(() => statusOf(tab)).toMatch(/active|expired/);
      expect(await tab?.evaluate(() => document.visibilityState)).toBe('hidden');
      await tab?.reload();
      await tab?.close();
      opened += 1;
    }
    expect(opened).toBeGreaterThanOrEqual(4);
    await expectEnd(page, reportedAt(server.beats), demo.settings.idleTimeoutSeconds);
    expectWithin(UNDER_WAY_MS, left, reportedAt(server.beats));
  });
});

test.describe('when the browser starts again', () => {
  // Long enough to close and start it.
  test.use({ pace: pace(12) });

  test('a window that the browser restores when it starts stands for nobody, in front or not @chromium-only', async ({
    demo,
    server,
  }) => {
    const profile = await mkdtemp(join(tmpdir(), 'stillhere-profile-'));
    await mkdir(join(profile, 'Default'));
    // "Continue where you left off": cookies of the session come back too.
    await writeFile(join(profile, 'Default/Preferences'), JSON.stringify({ session: { restore_on_startup: 1 } }));
    const before = await launchNatural([], profile);
    const page = await before.newPage();
    await signIn(page, demo);
    await open(await before.newPage(), demo);
    await before.close();
    const left = Date.now();

    const after = await launchNatural(['--restore-last-session'], profile);
    try {
      const tabs = async () => (await after.pages()).filter((tab) => tab.url() === `${demo.url}/small/`);
      await expect.poll(async () => (await tabs()).length).toBe(2);
      for (const tab of await tabs()) {
        await expect.poll(() => statusOf(tab)).toMatch(/active|expired/);
        const types = await tab.evaluate(() =>
          performance.getEntriesByType('navigation').map((entry) => 'type' in entry && entry.type),
        );
        expect(types).toEqual(['back_forward']);
      }
      for (const tab of await tabs()) await expectEnd(tab, reportedAt(server.beats), demo.settings.idleTimeoutSeconds);
      expect(reportedAt(server.beats)).toBeLessThanOrEqual(left);
    } finally {
      await after.close();
      await rm(profile, { recursive: true, force: true });
    }
  });
});
