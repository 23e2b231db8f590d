import { buildId } from '../../tools/build-id.mjs';
import { test as base } from '../support/natural-browser.js';
import { startOwnSessions } from '../support/own-sessions-site.js';
import { events, snapshotOf, told } from '../support/small-app/read-log.js';
import { expect, expectStatus, typeUntil } from '../support/test.js';
import { withoutCookie } from '../support/without-cookie.js';

/**
 * A site with one route of the contract next to the worker's file: no readable cookie, no login.
 */
const oneRoute = withoutCookie('/api/');

const test = base.extend<{ url: string }>({
  url: async ({ server, smallApp }, use) => {
    await smallApp.deploy({ worker: buildId() });
    const site = await startOwnSessions((own) => oneRoute(server.around(smallApp.around(own))));
    await use(`http://127.0.0.1:${site.port}`);
    await site.close();
  },
});

test('one route is enough: whoever types is kept, and who comes back after the limit learns of the end @chromium-only', async ({
  page,
  server,
  url,
}) => {
  await page.goto(`${url}/sign-in?to=${encodeURIComponent('/small/?app=one-route')}`);
  await expectStatus(page, 'active');
  expect(await page.evaluate(() => document.cookie)).toBe('');
  await typeUntil(page, () => server.beats.filter(({ activity }) => activity === 'user').length >= 4);
  expect((await snapshotOf(page)).host).toBe('worker');
  expect(await told(page, 'onConceal')).toEqual([]);

  // Nobody can be asked what is left without extending it.
  await expect.poll(async () => (await told(page, 'onConceal')).map(({ value }) => value)).toEqual([true]);
  expect(server.checks).toEqual([]);
  await typeUntil(page, async () => (await told(page, 'onExpired')).length > 0);
  expect((await told(page, 'onExpired'))[0]?.value.reason).toBe('idle_timeout');
  expect(await events(page, 'end')).toHaveLength(1);
  expect(await told(page, 'onError')).toEqual([]);
});
