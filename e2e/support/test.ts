import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContext, test as base, expect, type Page } from '@playwright/test';
import { type Demo, startDemo } from '../demo/demo.js';
import type { DemoSettings } from '../demo/settings.js';

/** Short enough to watch sessions end, long enough for a busy machine of two cores. */
export const PACE = {
  beatIntervalSeconds: 2,
  activeWindowSeconds: 3,
  idleTimeoutSeconds: 10,
  refreshTokenIdleSeconds: 10,
  accessTokenTtlSeconds: 6,
  warnBeforeSeconds: 0,
} satisfies Partial<DemoSettings>;

interface Fixtures {
  /** Settings of the demo of this spec, on top of `PACE`. */
  pace: Partial<DemoSettings>;
  /** A demo of its own for each test: real server, real provider, real store, free ports. */
  demo: Demo;
}

export const test = base.extend<Fixtures>({
  pace: [{}, { option: true }],
  demo: async ({ pace }, use) => {
    const dataDir = await mkdtemp(join(tmpdir(), 'stillhere-e2e-'));
    const demo = await startDemo({ ...PACE, port: 0, dataDir, ...pace });
    await use(demo);
    await demo.close();
    await rm(dataDir, { recursive: true, force: true });
  },
});

export { expect };

/** Signs in at the provider's own page, and waits until the keepalive knows the session. */
export async function signIn(page: Page, demo: Demo, name = 'Ada'): Promise<void> {
  await page.goto(`${demo.url}/`);
  await page.getByTestId('sign-in').click();
  await page.getByRole('textbox').first().fill(name);
  await page.keyboard.press('Enter');
  await page.waitForURL(`${demo.url}/app`);
  await expectStatus(page, 'active');
}

/** Another tab of the same browser profile, signed in already. */
export async function openTab(context: BrowserContext, demo: Demo, path = '/app'): Promise<Page> {
  const page = await context.newPage();
  await page.goto(demo.url + path);
  await expectStatus(page, 'active');
  return page;
}

/** A second window of another profile would be another user: this is a window of the same one. */
export async function openWindow(page: Page, demo: Demo): Promise<Page> {
  const [popup] = await Promise.all([
    page.waitForEvent('popup'),
    page.evaluate((url) => void window.open(url, '_blank', 'popup,width=700,height=700'), `${demo.url}/app`),
  ]);
  await expectStatus(popup, 'active');
  return popup;
}

export const statusOf = (page: Page) => page.getByTestId('kept-status');

export async function expectStatus(page: Page, status: string, timeout = 15_000): Promise<void> {
  await expect(statusOf(page)).toHaveAttribute('data-status', status, { timeout });
}

/** Types a letter every half second for `seconds`, as a slow person would: the pause is the behaviour under test. */
export async function typeFor(page: Page, seconds: number, where = page.getByTestId('field-summary')): Promise<void> {
  await where.focus();
  await where.pressSequentially('a'.repeat(Math.ceil(seconds * 2)), { delay: 500 });
}

/** Types until `done` resolves. */
export async function typeUntil<T>(page: Page, done: Promise<T>): Promise<T> {
  const state = { isDone: false };
  const settled = done.finally(() => {
    state.isDone = true;
  });
  while (!state.isDone) await typeFor(page, 0.5);
  return settled;
}

/** Rows of the page's timeline, oldest first, as `type` and text. */
export async function timeline(page: Page, type?: string): Promise<string[]> {
  const rows = page.locator(`[data-testid="timeline-row"]${type ? `[data-type="${type}"]` : ''}`);
  return (await rows.allTextContents()).reverse();
}

/** What the server counted for this page's sessions. */
export async function counts(page: Page): Promise<{ beats: number; grants: number }> {
  const { beats, grants } = await page.evaluate(async () => (await fetch('/demo/status')).json());
  return { beats: beats.kept, grants: grants.kept };
}

/** Stops every worker of the browser by force (Chromium). */
export async function stopWorkers(page: Page): Promise<void> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('ServiceWorker.enable');
  await cdp.send('ServiceWorker.stopAllWorkers');
  await cdp.detach();
}

/** A page of a fresh profile. */
export async function freshPage(browser: Browser): Promise<Page> {
  return (await browser.newContext()).newPage();
}
