import { buildId } from '../../bench/build-id.mjs';
import { PUBLIC_COOKIE } from '../../server/contract.js';
import type { Around } from '../demo/demo.js';
import { test as base } from '../support/natural-browser.js';
import { startOwnSessions } from '../support/own-sessions-site.js';
import { events, snapshotOf, told } from '../support/small-app/read-log.js';
import { expect, expectStatus, typeUntil } from '../support/test.js';

/** A site with one route of the contract, at a path of its own, beside the worker's file: no readable cookie, no session, no login. */
const oneRoute: Around = (site) => async (request) => {
  const url = new URL(request.url);
  if (url.pathname.startsWith('/auth/')) return new Response(null, { status: 404 });
  url.pathname = url.pathname.replace(/^\/api\//, '/auth/');
  const { method, headers } = request;
  const body = method === 'POST' ? await request.text() : null;
  const response = await site(new Request(url, { method, headers, body }));
  const cookies = response.headers.getSetCookie().filter((cookie) => !cookie.startsWith(PUBLIC_COOKIE));
  const left = new Headers(response.headers);
  left.delete('Set-Cookie');
  for (const cookie of cookies) left.append('Set-Cookie', cookie);
  return new Response(response.body, { status: response.status, headers: left });
};

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
