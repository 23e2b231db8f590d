import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import type { KeepaliveEvent, KeepaliveSnapshot } from '../../client/types.js';
import type { Demo } from '../demo/demo.js';
import { findChromium } from '../setup/browsers.mjs';
import type { Entry, Told } from './small-app/log.js';
import { createSmallApp, type SmallApp } from './small-app/small-app-site.js';
import { test as base, expect } from './test.js';

/** What drivers ask for and no user has. */
const UNNATURAL = [
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
  '--disable-back-forward-cache',
];

interface Fixtures {
  smallApp: SmallApp;
  /** Arguments of that browser, on top of a user's. */
  browserArgs: string[];
  /** A Chromium with tabs that are hidden, throttled, frozen and cached as a user's are. Playwright's pages are always visible. */
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
    const page = await natural.newPage();
    await signIn(page, demo);
    await use(page);
  },
});

export { expect };

/** A page of either driver. */
export interface AnyPage {
  evaluate<T>(read: () => T): Promise<T>;
}

export async function waitForStatus(page: Page, status: string, timeout = 15_000): Promise<void> {
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

export const logOf = (page: AnyPage): Promise<Entry[]> => page.evaluate(() => window.smallApp.log);

/** What this page wrote down of one kind. */
export async function told<C extends keyof Told>(page: AnyPage, callback: C): Promise<Entry<C>[]> {
  const isOfKind = (entry: Entry): entry is Entry<C> => entry.callback === callback;
  return (await logOf(page)).filter(isOfKind);
}

type EventOf<T extends KeepaliveEvent['type']> = Extract<KeepaliveEvent, { type: T }>;

export async function events<T extends KeepaliveEvent['type']>(page: AnyPage, type: T): Promise<EventOf<T>[]> {
  const isOfType = (event: KeepaliveEvent): event is EventOf<T> => event.type === type;
  return (await told(page, 'onEvent')).map(({ value }) => value).filter(isOfType);
}

export const snapshotOf = (page: AnyPage): Promise<KeepaliveSnapshot> =>
  page.evaluate(() => window.smallApp.keepalive.snapshot());

/** Types a letter, as somebody who is there. */
export async function pressKey(page: Page): Promise<void> {
  await page.focus('[data-testid="field-summary"]');
  await page.keyboard.press('a');
}

/** Types on until `isDone`, as a slow person would. */
export async function typeUntil(page: Page, isDone: () => boolean | Promise<boolean>, seconds = 30): Promise<void> {
  const latest = Date.now() + seconds * 1_000;
  await page.focus('[data-testid="field-summary"]');
  while (!(await isDone())) {
    if (Date.now() > latest) throw new Error(`Typed for ${seconds} s, and it has not come.`);
    await page.type('[data-testid="field-summary"]', 'ab', { delay: 250 });
  }
}
