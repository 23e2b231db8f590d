import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import type { Demo } from '../demo/demo.js';
import { findChromium } from '../setup/browsers.mjs';
import { createSmallApp, type SmallApp } from './small-app/small-app-site.js';
import { test as base, expect } from './test.js';

/** What drivers ask for and no user has. */
const UNNATURAL = [
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
  '--disable-back-forward-cache',
];

type Tail<T extends unknown[]> = T extends [unknown, ...infer Rest] ? Rest : never;

interface Fixtures {
  smallApp: SmallApp;
  /** Arguments of that browser, on top of a user's. */
  browserArgs: string[];
  /**
   * A Chromium with tabs that are hidden, throttled, frozen and cached as a user's are.
   * Playwright's pages are always visible.
   */
  natural: Browser;
  /** A tab of it with the small application, where Ada has signed in. */
  tab: Page;
}

/** Launches it, with nothing of before or with the profile in a folder. */
export const launchNatural = (args: readonly string[], profile?: string): Promise<Browser> =>
  puppeteer.launch({
    executablePath: findChromium()?.path ?? '',
    args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), ...args],
    // A window that is restored opens no page of its own.
    ignoreDefaultArgs: profile ? [...UNNATURAL, 'about:blank'] : UNNATURAL,
    ...(profile && { userDataDir: profile }),
  });

export const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from it what a fixture needs.
  smallApp: async ({}, use) => use(await createSmallApp()),
  around: async ({ smallApp }, use) => use(smallApp.around),
  browserArgs: [[], { option: true }],
  natural: async ({ browserArgs }, use) => {
    const browser = await launchNatural(browserArgs);
    await use(browser);
    await browser.close();
  },
  tab: async ({ demo, natural }, use) => {
    await use(await openSignedIn(natural, demo));
  },
});

export { events, logOf, snapshotOf, told } from './small-app/read-log.js';
export { signOut } from './small-app/sign-out.js';
export { expect };

export async function waitForStatus(page: Page, status: string, timeout = 30_000): Promise<void> {
  await page.waitForSelector(`#kept-status[data-status="${status}"]`, { timeout });
}

/** Opens a page of the small application, and waits until the keepalive knows the session. */
export async function open(page: Page, demo: Demo, path = '/small/'): Promise<void> {
  await page.goto(demo.url + path);
  await waitForStatus(page, 'active');
}

/** Signs in at the provider's own page. */
export async function signIn(page: Page, demo: Demo, name = 'Ada', returnTo = '/small/'): Promise<void> {
  await page.goto(`${demo.url}/auth/login?returnTo=${encodeURIComponent(returnTo)}`);
  await page.waitForSelector('input[name="login"]');
  await page.type('input[name="login"]', name);
  await Promise.all([page.waitForNavigation({ waitUntil: 'load' }), page.keyboard.press('Enter')]);
  await waitForStatus(page, 'active');
}

/** A tab where somebody has signed in, at the provider's own page. */
export async function openSignedIn(browser: Browser, ...how: Tail<Parameters<typeof signIn>>): Promise<Page> {
  const page = await browser.newPage();
  await signIn(page, ...how);
  return page;
}

/** Another tab, signed in already. */
export async function openTab(browser: Browser, ...how: Tail<Parameters<typeof open>>): Promise<Page> {
  const page = await browser.newPage();
  await open(page, ...how);
  return page;
}

/** Types a letter, as somebody who is there. */
export async function pressKey(page: Page): Promise<void> {
  await page.focus('[data-testid="field-summary"]');
  await page.keyboard.press('a');
}

/** Types on until `isDone`, as a slow person would. */
export async function typeUntil(page: Page, isDone: () => boolean | Promise<boolean>, seconds = 60): Promise<void> {
  const latest = Date.now() + seconds * 1_000;
  await page.focus('[data-testid="field-summary"]');
  while (!(await isDone())) {
    if (Date.now() > latest) throw new Error(`Typed for ${seconds} s, and it has not come.`);
    await page.type('[data-testid="field-summary"]', 'ab', { delay: 250 });
  }
}
