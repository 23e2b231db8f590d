import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, test as base, expect, type Page } from '@playwright/test';
import { type Around, type Demo, startDemo } from '../demo/demo.js';
import type { ProviderControls } from '../demo/provider-controls.js';
import type { DemoSettings } from '../demo/settings.js';
import { LASTING, PACE } from './beats.js';
import { events, keepPageLogs } from './page-log.js';
import { createServerLog, type ServerLog } from './server-log.js';

interface Fixtures {
  /** Settings of the demo of this spec, on top of `PACE`. */
  pace: Partial<DemoSettings>;
  /** What is served beside the demo, on its origin. */
  around: Around;
  /** A demo of its own for each test: real server, real provider, real store, free ports. */
  demo: Demo;
  /** What reached that demo's server. */
  server: ServerLog;
  /** That demo's own provider. */
  provider: ProviderControls;
}

export const test = base.extend<Fixtures>({
  pace: [{}, { option: true }],
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from it what a fixture needs.
  server: async ({}, use) => use(createServerLog()),
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from it what a fixture needs.
  around: async ({}, use) => use((site) => site),
  demo: async ({ pace, server, around }, use) => {
    const dataDir = await mkdtemp(join(tmpdir(), 'stillhere-e2e-'));
    const demo = await startDemo({ ...PACE, port: 0, dataDir, ...pace }, (site) => server.around(around(site)));
    await use(demo);
    await demo.close();
    await rm(dataDir, { recursive: true, force: true });
  },
  provider: async ({ demo }, use) => {
    if (!demo.provider) throw new Error('The demo has no provider of its own.');
    await use(demo.provider);
  },
  context: async ({ context }, use) => {
    await keepPageLogs(context);
    await use(context);
  },
});

export { grantsOf } from './beats.js';
export { expect, LASTING, PACE };

/** Signs in at the provider's own page, and waits until the keepalive knows the session. */
export async function signIn(page: Page, demo: Demo, name = 'Ada', returnTo = '/app'): Promise<void> {
  if (returnTo === '/app') {
    await page.goto(`${demo.url}/`);
    await page.getByTestId('sign-in').click();
  } else {
    await page.goto(`${demo.url}/auth/login?returnTo=${encodeURIComponent(returnTo)}`);
  }
  await page.getByRole('textbox').first().fill(name);
  await page.keyboard.press('Enter');
  await page.waitForURL(demo.url + returnTo);
  await expectStatus(page, 'active');
}

/** Signs in where there are sessions of its own, to the small application with a query. */
export async function signInThere(page: Page, url: string, query = ''): Promise<void> {
  await page.goto(`${url}/sign-in?to=${encodeURIComponent(`/small/${query}`)}`);
  await expectStatus(page, 'active');
}

/** Another tab of the same browser profile, signed in already. */
export async function openTab(context: BrowserContext, demo: Demo, path = '/app'): Promise<Page> {
  const page = await context.newPage();
  await page.goto(demo.url + path);
  await expectStatus(page, 'active');
  return page;
}

/** Opens another tab while the user types in `page`, so that a slow start ends no session. */
export async function openTabWhileTyping(page: Page, demo: Demo): Promise<Page> {
  const opening = openTab(page.context(), demo);
  let isSettled = false;
  const settle = () => {
    isSettled = true;
  };
  void opening.then(settle, settle);
  await typeUntil(page, () => isSettled);
  return opening;
}

/**
 * A second window of the same profile, beside the first. It opens without an opener, so that its
 * page log is its own.
 */
export async function openWindow(page: Page, demo: Demo): Promise<Page> {
  const [popup] = await Promise.all([
    page.context().waitForEvent('page'),
    page.evaluate((url) => void window.open(url, '_blank', 'popup,noopener,width=700,height=700'), `${demo.url}/app`),
  ]);
  await expectStatus(popup, 'active');
  return popup;
}

export const statusOf = (page: Page) => page.getByTestId('kept-status');

export async function expectStatus(page: Page, status: string, timeout = 30_000): Promise<void> {
  await expect(statusOf(page)).toHaveAttribute('data-status', status, { timeout });
}

/** These tabs of the demo have a session, and were told of no end. */
export async function expectKept(...tabs: Page[]): Promise<void> {
  for (const tab of tabs) {
    await expectStatus(tab, 'active');
    expect(await events(tab, 'end')).toEqual([]);
  }
}

/**
 * Types a letter every half second for `seconds`, as a slow person would: the pause is the
 * behaviour under test.
 */
export async function typeFor(page: Page, seconds: number, where = page.getByTestId('field-summary')): Promise<void> {
  await where.focus();
  await where.pressSequentially('a'.repeat(Math.ceil(seconds * 2)), { delay: 500 });
}

/** Types on until `isDone`, as a slow person would. */
export async function typeUntil(
  page: Page,
  isDone: () => boolean | Promise<boolean>,
  { seconds = 60, where = page.getByTestId('field-summary') } = {},
): Promise<void> {
  const latest = Date.now() + seconds * 1_000;
  await where.focus();
  while (!(await isDone())) {
    if (Date.now() > latest) throw new Error(`Typed for ${seconds} s, and it has not come.`);
    await where.pressSequentially('a', { delay: 250 });
    await where.pressSequentially('b', { delay: 250 });
  }
}

/** Stops every worker of the browser by force (Chromium). */
export async function stopWorkers(page: Page): Promise<void> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('ServiceWorker.enable');
  await cdp.send('ServiceWorker.stopAllWorkers');
  await cdp.detach();
}
