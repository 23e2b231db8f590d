import { buildId } from '../../tools/build-id.mjs';
import { test as base } from '../support/natural-browser.js';
import { startOwnSessions } from '../support/own-sessions-site.js';
import { logOf, snapshotOf, told } from '../support/small-app/read-log.js';
import { expect, expectStatus, statusOf, typeUntil } from '../support/test.js';
import { withoutCookie } from '../support/without-cookie.js';

const APP = '/small/?endpoint=/api/auth/heartbeat';
const SIGN_IN = `/sign-in?to=${encodeURIComponent(APP)}`;

/**
 * A site whose sessions are its own, at the path where another login library lives: that one
 * answers `GET /api/auth/session` with 200 and an empty object, to everybody.
 */
const test = base.extend<{ url: string }>({
  url: async ({ server, smallApp }, use) => {
    await smallApp.deploy({ worker: buildId() });
    const site = await startOwnSessions((own) => {
      const routes = withoutCookie('/api/auth/')(server.around(smallApp.around(own)));
      return async (request) =>
        new URL(request.url).pathname === '/api/auth/session' ? Response.json({}) : routes(request);
    });
    await use(`http://127.0.0.1:${site.port}`);
    await site.close();
  },
});

test('a site at the path of another library, without a readable cookie, is asked, and told what is missing', async ({
  page,
  server,
  url,
}) => {
  await page.goto(url + SIGN_IN);
  await expectStatus(page, 'active');
  await typeUntil(page, () => server.beats.filter(({ activity }) => activity === 'user').length >= 2);
  expect(await page.evaluate(() => window.smallApp.keepalive.signedIn())).toBe('alive');
  expect(await page.evaluate(() => window.smallApp.keepalive.check())).toBe('unavailable');
  await expectStatus(page, 'active');
  const errors = async () => (await told(page, 'onError')).map(({ value }) => value.code);
  await expect.poll(errors).toEqual(['cookie-missing', 'status-empty']);
  expect(await told(page, 'onSignedOut')).toEqual([]);
  expect(await told(page, 'onExpired')).toEqual([]);
});

test('a page that cannot see its session is told of an end that its first answer brings, in each page once', async ({
  page,
  url,
}) => {
  await page.goto(url + SIGN_IN);
  const { idleExpiresAt } = await expectKnown();
  await page.goto(`${url}/small/other`);
  await expect.poll(() => Date.now(), { timeout: 20_000 }).toBeGreaterThan((idleExpiresAt ?? 0) + 500);

  for (let load = 1; load <= 2; load += 1) {
    await page.goto(url + APP);
    await expectStatus(page, 'expired');
    await expect
      .poll(async () => (await told(page, 'onExpired')).map(({ value }) => value.reason))
      .toEqual(['idle_timeout']);
  }
  // An instance that starts again has been told.
  const again = await page.evaluate(async () => {
    const { keepalive, log } = window.smallApp;
    await keepalive.stop();
    log.length = 0;
    keepalive.start();
    await keepalive.check();
    return keepalive.snapshot().status;
  });
  expect(again).toBe('expired');
  expect((await logOf(page)).filter(({ callback }) => /Expired|SignedOut/.test(callback))).toEqual([]);

  async function expectKnown() {
    await expectStatus(page, 'active');
    return snapshotOf(page);
  }
});

test('a browser that was never signed in is asked for once for each page, and told of nothing', async ({
  page,
  server,
  url,
}) => {
  await page.goto(url + APP);
  await expect(statusOf(page)).toHaveAttribute('data-status', 'signed-out');
  expect(server.beats).toHaveLength(1);
  const callbacks = (await logOf(page)).map(({ callback }) => callback).filter((name) => /^on(?!Event)/.test(name));
  expect(callbacks).toEqual([]);
});
