import type { Browser, Page } from 'puppeteer-core';
import type { Demo } from '../demo/demo.js';
import { clearAtLogout } from '../support/clear-at-logout.js';
import {
  expect,
  open,
  openSignedIn,
  openTab,
  signIn,
  snapshotOf,
  test,
  told,
  typeUntil,
  waitForStatus,
} from '../support/natural-browser.js';
import type { ServerLog } from '../support/server-log.js';

/**
 * The user types on, and more than one beat is confirmed: the keepalive has not just ended one way
 * or the other.
 */
async function expectGoesOn(page: Page, server: ServerLog): Promise<void> {
  const confirmed = () => server.beats.filter(({ answer }) => answer?.status === 200).length;
  const before = confirmed();
  await typeUntil(page, () => confirmed() >= before + 2);
  expect((await snapshotOf(page)).status).toBe('active');
}

const errorsOf = async (page: Page): Promise<string[]> => (await told(page, 'onError')).map(({ value }) => value.code);

/** Which script made the last beat. */
const lastHost = (server: ServerLog): string => new URL(server.beats.at(-1)?.referer ?? '').pathname;

/** Two tabs, the second of which is in front. */
async function twoTabs(browser: Browser, demo: Demo): Promise<[Page, Page]> {
  return [await openSignedIn(browser, demo), await openTab(browser, demo)];
}

test.describe('the keepalive goes on, and says what it runs on,', () => {
  test('after a reload that passes by every worker and cache @chromium-only', async ({ demo, natural, server }) => {
    const page = await openSignedIn(natural, demo);
    const cdp = await page.createCDPSession();
    await Promise.all([page.waitForNavigation(), cdp.send('Page.reload', { ignoreCache: true })]);
    await waitForStatus(page, 'active');
    await expectGoesOn(page, server);
    expect(await snapshotOf(page)).toMatchObject({ host: 'worker', shared: true });
    expect(lastHost(server)).toBe('/auth/stillhere-sw.js');
    expect(await errorsOf(page)).toEqual([]);
  });

  test('when the worker is unregistered while tabs are open @chromium-only', async ({ demo, natural, server }) => {
    const pages = await twoTabs(natural, demo);
    const [other, page] = pages;
    await page.evaluate(async () => {
      for (const registration of await navigator.serviceWorker.getRegistrations()) await registration.unregister();
    });
    await expectGoesOn(page, server);
    await other.bringToFront();
    await expectGoesOn(other, server);
    for (const tab of pages) {
      expect(await snapshotOf(tab)).toMatchObject({ host: 'worker', shared: true });
      expect(await errorsOf(tab)).toEqual([]);
    }
    expect(lastHost(server)).toBe('/auth/stillhere-sw.js');
  });

  test('when the storage of the site is cleared while tabs are open @chromium-only', async ({
    demo,
    natural,
    server,
  }) => {
    const pages = await twoTabs(natural, demo);
    const [other, page] = pages;
    const cdp = await page.createCDPSession();
    await cdp.send('Storage.clearDataForOrigin', {
      origin: demo.url,
      storageTypes: 'indexeddb,local_storage,service_workers,cache_storage',
    });
    await expectGoesOn(page, server);
    await other.bringToFront();
    await expectGoesOn(other, server);
    for (const tab of pages) {
      expect(await snapshotOf(tab)).toMatchObject({ host: 'worker', shared: true });
      expect(await told(tab, 'onExpired')).toEqual([]);
      expect(await told(tab, 'onSignedOut')).toEqual([]);
      expect(await errorsOf(tab)).toEqual([]);
    }
  });

  test('when IndexedDB must not even be looked at: each tab for itself @chromium-only', async ({
    demo,
    natural,
    server,
  }) => {
    const page = await natural.newPage();
    await page.evaluateOnNewDocument(() => {
      Object.defineProperty(window, 'indexedDB', {
        get() {
          throw new DOMException('Denied.', 'SecurityError');
        },
      });
    });
    await signIn(page, demo, 'Ada', '/small/?worker=off');
    await expectGoesOn(page, server);
    expect(await snapshotOf(page)).toMatchObject({ host: 'page', shared: false });
  });

  test('when IndexedDB opens nothing: each tab for itself @chromium-only', async ({ demo, natural, server }) => {
    const page = await natural.newPage();
    await page.evaluateOnNewDocument(() => {
      IDBFactory.prototype.open = () => {
        throw new DOMException('Denied.', 'SecurityError');
      };
    });
    await signIn(page, demo, 'Ada', '/small/?worker=off');
    await expectGoesOn(page, server);
    expect(await snapshotOf(page)).toMatchObject({ host: 'page', shared: false });
  });

  test('where the browser has no service workers: in the page, shared @chromium-only', async ({
    demo,
    natural,
    server,
  }) => {
    const page = await natural.newPage();
    await page.evaluateOnNewDocument(() => {
      Reflect.deleteProperty(Navigator.prototype, 'serviceWorker');
    });
    await signIn(page, demo);
    await expectGoesOn(page, server);
    expect(await snapshotOf(page)).toMatchObject({ host: 'page', shared: true });
    expect(lastHost(server)).toBe('/small/');
    expect(await errorsOf(page)).toEqual([]);
  });

  test('where a policy forbids workers: in the page, shared, and the developer is told @chromium-only', async ({
    demo,
    natural,
    server,
    smallApp,
  }) => {
    smallApp.headers['Content-Security-Policy'] = "worker-src 'none'";
    const page = await openSignedIn(natural, demo);
    await expectGoesOn(page, server);
    expect(await snapshotOf(page)).toMatchObject({ host: 'page', shared: true });
    expect(lastHost(server)).toBe('/small/');
    expect(await errorsOf(page)).toEqual(['worker-blocked']);
  });
});

test.describe('a logout that clears the data of the site', () => {
  test.use({
    around: async ({ smallApp }, use) => use((site) => smallApp.around(clearAtLogout(site))),
  });

  test('is the end in every tab, and the next sign-in is kept again @chromium-only', async ({
    demo,
    natural,
    server,
  }) => {
    const pages = await twoTabs(natural, demo);
    const [other, page] = pages;
    const left = await page.evaluate(async () => {
      await window.smallApp.keepalive.signedOut();
      await fetch('/auth/logout', { method: 'POST', headers: { 'X-Stillhere': '1' } });
      return { workers: await navigator.serviceWorker.getRegistrations(), databases: await indexedDB.databases() };
    });
    expect(left).toEqual({ workers: [], databases: [] });
    await waitForStatus(page, 'signed-out');
    await waitForStatus(other, 'signed-out');
    const beats = server.beats.length;
    // The provider still knows who this is.
    await open(page, demo, '/auth/login?returnTo=/small/');
    await expectGoesOn(page, server);
    expect(await snapshotOf(page)).toMatchObject({ host: 'worker', shared: true });
    // The other tab is alive again without a reload: it was signed out once, and signed in once.
    await waitForStatus(other, 'active');
    await other.bringToFront();
    await expectGoesOn(other, server);
    expect(await told(other, 'onSignedOut')).toHaveLength(1);
    expect(await told(other, 'onSignedIn')).toHaveLength(1);
    expect(server.beats.length).toBeGreaterThan(beats);
  });
});
