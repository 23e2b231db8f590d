import { test as base } from '../support/natural-browser.js';
import { snapshotOf, told } from '../support/small-app/read-log.js';
import { expect, LASTING, openTab, signIn, typeUntil } from '../support/test.js';

const test = base.extend({
  launchOptions: [
    async ({ launchOptions, browserName }, use) =>
      use(
        // Of Firefox alone: the other projects run nothing of this file.
        browserName === 'firefox'
          ? { ...launchOptions, firefoxUserPrefs: { 'dom.serviceWorkers.enabled': false } }
          : launchOptions,
      ),
    { scope: 'worker' },
  ],
});

test.use({ pace: LASTING });

test('where Firefox is told to allow no service workers the engine runs in the page, for all tabs together @firefox-only', async ({
  page,
  context,
  demo,
  server,
}) => {
  await signIn(page, demo, 'Ada', '/small/');
  expect(await page.evaluate(() => 'serviceWorker' in navigator)).toBe(false);
  const other = await openTab(context, demo, '/small/');
  for (const tab of [other, page]) {
    const before = server.beats.length;
    await tab.bringToFront();
    await typeUntil(tab, () => server.beats.length >= before + 2 && server.beats.at(-1)?.answer?.status === 200);
  }
  for (const tab of [page, other]) {
    expect(await snapshotOf(tab)).toMatchObject({ status: 'active', host: 'page', shared: true });
    expect(await told(tab, 'onError')).toEqual([]);
  }
  for (const { referer } of server.beats) expect(new URL(referer).pathname).toBe('/small/');
});

test('where Firefox denies IndexedDB as well each tab keeps the session for itself, and says so @firefox-only', async ({
  page,
  demo,
  server,
}) => {
  await page.addInitScript(() => {
    Object.defineProperty(window, 'indexedDB', {
      get() {
        throw new DOMException('Denied.', 'SecurityError');
      },
    });
  });
  await signIn(page, demo, 'Ada', '/small/');
  const before = server.beats.length;
  await typeUntil(page, () => server.beats.length >= before + 2 && server.beats.at(-1)?.answer?.status === 200);
  expect(await snapshotOf(page)).toMatchObject({ status: 'active', host: 'page', shared: false });
});
