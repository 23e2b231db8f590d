import type { Page } from '@playwright/test';
import { LASTING } from '../support/beats.js';
import { test as base } from '../support/natural-browser.js';
import { quietFor } from '../support/pace.js';
import { events, snapshotOf, told } from '../support/small-app/read-log.js';
import { expect, expectStatus, openTab, signIn, stopWorkers, typeUntil } from '../support/test.js';

/** How IndexedDB is broken, as what the worker's script begins with. The pages' own is as ever. */
const WAYS = [
  {
    way: 'must not even be looked at',
    path: '/small/',
    prefix: `Object.defineProperty(self, 'indexedDB', { get() { throw new DOMException('Denied.', 'SecurityError'); } });`,
  },
  {
    way: 'opens nothing',
    // Nothing but the engine's own memory says that there is a session.
    path: '/small/?session=unseen',
    prefix: `IDBFactory.prototype.open = () => {
      const request = { error: new DOMException('Full.', 'UnknownError') };
      setTimeout(() => request.onerror());
      return request;
    };`,
  },
];

const starts = async (page: Page): Promise<number> => (await events(page, 'worker')).length;

for (const { way, path, prefix } of WAYS) {
  const test = base.extend({
    around: async ({ smallApp }, use) =>
      use((site) =>
        smallApp.around(async (request) => {
          const response = await site(request);
          if (new URL(request.url).pathname !== '/auth/stillhere-sw.js') return response;
          return new Response(`${prefix}\n${await response.text()}`, {
            headers: { 'Content-Type': 'text/javascript' },
          });
        }),
      ),
  });

  test.use({ pace: LASTING });

  test(`IndexedDB ${way} in the worker${path.endsWith('unseen') ? ', and no page sees a session' : ''}: its memory does, and when the worker is gone the next one asks the server anew`, async ({
    page,
    context,
    demo,
    server,
    browserName,
  }) => {
    await signIn(page, demo, 'Ada', path);
    const other = await openTab(context, demo, path);
    const confirmed = () => server.beats.filter(({ answer }) => answer?.status === 200).length;
    for (const tab of [other, page]) {
      await tab.bringToFront();
      const known = await starts(tab);
      // Firefox's workers die by themselves, 2 s after their last event, and no test sees it: the
      // worker may have lived on.
      await expect(async () => {
        if (browserName === 'chromium') await stopWorkers(tab);
        else await expect.poll(() => quietFor(server)).toBeGreaterThan(4_000);
        const before = confirmed();
        await typeUntil(tab, () => confirmed() > before + 1);
        expect(await starts(tab)).toBeGreaterThan(known);
      }).toPass();
      await expectStatus(tab, 'active');
      expect(await snapshotOf(tab)).toMatchObject({ host: 'worker', shared: false });
    }
    for (const { referer } of server.beats) expect(new URL(referer).pathname).toBe('/auth/stillhere-sw.js');
    for (const tab of [page, other]) {
      for (const callback of ['onExpired', 'onSignedOut', 'onSignedIn', 'onUserChanged', 'onError'] as const)
        expect(await told(tab, callback)).toEqual([]);
    }
  });
}
