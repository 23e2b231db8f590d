import { createHeartbeat } from '../../server/heartbeat/create-heartbeat.js';
import { buildId } from '../../tools/build-id.mjs';
import { listen } from '../demo/listen.js';
import { test as base } from '../support/natural-browser.js';
import { snapshotOf, told } from '../support/small-app/read-log.js';
import { expect, expectStatus, typeUntil } from '../support/test.js';

const IDLE_LIMIT_SECONDS = 8;

interface Site {
  url: string;
  /** How long ago the session's user was last active, by the server's clock. */
  idleSeconds(): number;
}

/**
 * A site with one session, whose route is what `createHeartbeat` makes, and nothing else of
 * Stillhere's but the worker's file.
 */
const test = base.extend<{ site: Site }>({
  site: async ({ server, smallApp }, use) => {
    await smallApp.deploy({ worker: buildId() });
    const place = await listen('127.0.0.1', 0);
    const url = `http://127.0.0.1:${place.port}`;
    let activeAt = Date.now();
    const idleSeconds = () => (Date.now() - activeAt) / 1_000;
    const { GET, POST } = createHeartbeat({
      appOrigin: url,
      identify: () => ({ key: url, sessionId: 'S1', user: 'ada' }),
      refresh: (_request, { activity, idleMs }) => {
        if (idleSeconds() > IDLE_LIMIT_SECONDS) return { kind: 'over', reason: 'idle_timeout' };
        if (activity === 'user') activeAt = Math.max(activeAt, Date.now() - idleMs);
        return { kind: 'alive', idleExpiresIn: IDLE_LIMIT_SECONDS - idleSeconds(), nextBeatIn: 2 };
      },
    });
    const around = smallApp.around(async (request) => {
      const { pathname } = new URL(request.url);
      if (pathname !== '/api/heartbeat') return new Response(null, { status: 404 });
      return request.method === 'GET' ? GET(request) : POST(request);
    });
    // The worker's file is beside the endpoint.
    place.serve(
      server.around((request) => {
        const { pathname } = new URL(request.url);
        return around(
          pathname === '/api/stillhere-sw.js' ? new Request(`${url}/auth/stillhere-sw.js`, request) : request,
        );
      }),
    );
    await use({ url, idleSeconds });
    await place.close();
  },
});

test('an unattended screen of a site with sessions of its own is told of the end when it comes @chromium-only', async ({
  page,
  site,
}) => {
  await page.goto(`${site.url}/small/?app=status-route&session=unseen`);
  await expectStatus(page, 'active');
  await typeUntil(page, async () => (await told(page, 'onRefreshed')).length >= 2);
  expect((await snapshotOf(page)).host).toBe('worker');
  // From here on nobody touches it.
  await expect
    .poll(async () => (await told(page, 'onExpired')).map(({ value }) => value.reason))
    .toEqual(['idle_timeout']);
  expect(site.idleSeconds()).toBeGreaterThan(IDLE_LIMIT_SECONDS);
  expect(await told(page, 'onError')).toEqual([]);
});
