import { snapshotOf, test, told } from '../support/natural-browser.js';
import { expect, openTab, signIn } from '../support/test.js';

// Nobody's session ends here by itself.
test.use({ pace: { idleTimeoutSeconds: 120, refreshTokenIdleSeconds: 120 } });

// What three tabs ask at once is not held back.
for (const [host, path] of [
  ['worker', '/small/?minInterval=50'],
  ['page', '/small/?minInterval=50&worker=off'],
] as const) {
  test(`an application that deletes all its databases waits for nobody, and every tab is kept, before and after, with the engine in the ${host}`, async ({
    page,
    context,
    demo,
  }) => {
    await signIn(page, demo, 'Ada', path);
    const other = await openTab(context, demo, path);
    const deleted = await page.evaluate(async () => {
      const all = (await indexedDB.databases()).map(
        ({ name = '' }) =>
          new Promise<string>((resolve) => {
            const request = indexedDB.deleteDatabase(name);
            request.onsuccess = () => resolve(`${name} deleted`);
            request.onblocked = () => resolve(`${name} blocked`);
          }),
      );
      return Promise.all(all);
    });
    expect(deleted).toEqual(['stillhere:/auth/heartbeat deleted']);
    const later = await openTab(context, demo, path);
    for (const tab of [later, page, other]) {
      expect(await tab.evaluate(() => window.smallApp.keepalive.extend())).toBe('alive');
      expect(await snapshotOf(tab)).toMatchObject({ status: 'active', host, shared: true });
      for (const callback of ['onExpired', 'onSignedOut', 'onError'] as const)
        expect(await told(tab, callback)).toEqual([]);
    }
  });
}
