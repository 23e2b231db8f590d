import { expect, onTestFinished } from 'vitest';
import type { Demo } from '../../demo/demo.js';
import type { ProviderControls } from '../../demo/provider-controls.js';
import type { DemoSettings } from '../../demo/settings.js';
import { PACE } from '../../support/beats.js';
import { createServerLog, type ServerLog } from '../../support/server-log.js';
import { miniBrowser } from '../mini-browser.mjs';
import { startDisplay, startDriver } from './processes.js';
import { startSecureDemo } from './secure-demo.js';
import { servePageLog } from './serve-page-log.js';
import { byTestId, createTab, type Tab } from './tab.js';
import { openSession } from './webdriver.js';

/** Limits so far away that nothing but the interval calls for a beat. */
export const INTERVAL_ONLY = {
  accessTokenTtlSeconds: 3_600,
  idleTimeoutSeconds: 3_600,
  refreshTokenIdleSeconds: 3_600,
  refreshAfterSeconds: 1_800,
} satisfies Partial<DemoSettings>;

export interface Stage {
  demo: Demo;
  /** What reached the server. */
  server: ServerLog;
  provider: ProviderControls;
  /** The first tab, which nobody has signed in. */
  first: Tab;
  /**
   * A further one of the same profile: a `window` is visible beside the others, a `tab` is hidden
   * behind the one that opened it.
   */
  open(type: 'tab' | 'window', path?: string): Promise<Tab>;
}

/**
 * A demo, a display, a driver and a browser of its own for the test that asks; all are gone when it
 * is over.
 */
export async function setStage(pace: Partial<DemoSettings> = {}): Promise<Stage> {
  const binary = miniBrowser();
  if (!binary) throw new Error('There is no MiniBrowser of WebKitGTK on this machine.');
  const server = createServerLog();
  const demo = await startSecureDemo({ ...PACE, ...pace }, (site) => server.around(servePageLog(site)));
  onTestFinished(() => demo.close());
  if (!demo.provider) throw new Error('The demo has no provider of its own.');
  const display = await startDisplay();
  onTestFinished(() => display.stop());
  const driver = await startDriver(display.display);
  onTestFinished(() => driver.stop());
  const browser = await openSession(driver.url, binary);
  onTestFinished(() => browser.end());

  return {
    demo,
    server,
    provider: demo.provider,
    first: createTab(browser, await browser.current()),
    async open(type, path = '/app') {
      const tab = createTab(browser, await browser.open(type));
      await tab.goTo(demo.url + path);
      // It has found its engine, and was told what that knows.
      await expect.poll(() => tab.events('host')).toHaveLength(1);
      if (type === 'window') await expectStatus(tab, 'active');
      else expect(await tab.run('return document.visibilityState')).toBe('hidden');
      return tab;
    },
  };
}

/** Signs in at the provider's own page, and waits until the keepalive knows the session. */
export async function signIn({ demo, first }: Stage, returnTo = '/app'): Promise<void> {
  await first.goTo(demo.url);
  if (returnTo === '/app') await first.click('sign-in');
  else await first.goTo(`${demo.url}/auth/login?returnTo=${encodeURIComponent(returnTo)}`);
  await expect.poll(() => first.url()).toContain('/interaction/');
  await first.type('input[name="login"]', 'Ada\uE007');
  await expect.poll(() => first.url()).toBe(demo.url + returnTo);
  await expectStatus(first, 'active');
}

export const expectStatus = (tab: Tab, status: string) => expect.poll(() => tab.status()).toBe(status);

/**
 * Types a letter every half second until `isDone`, as a slow person would: the pause is the
 * behaviour under test.
 */
export async function typeUntil(tab: Tab, isDone: () => boolean, seconds = 60): Promise<void> {
  const latest = Date.now() + seconds * 1_000;
  while (!isDone()) {
    if (Date.now() > latest) throw new Error(`Typed for ${seconds} s, and it has not come.`);
    await tab.type(byTestId('field-summary'), 'a');
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

export async function typeFor(tab: Tab, seconds: number): Promise<void> {
  const until = Date.now() + seconds * 1_000;
  await typeUntil(tab, () => Date.now() >= until, seconds + 10);
}
