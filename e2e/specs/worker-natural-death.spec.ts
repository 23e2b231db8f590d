import type { Browser } from 'puppeteer-core';
import { events, expect, openSignedIn, snapshotOf, test, typeUntil } from '../support/natural-browser.js';

test.use({ pace: { idleTimeoutSeconds: 120, refreshTokenIdleSeconds: 120, accessTokenTtlSeconds: 240 } });

/**
 * Counts the workers that the browser itself has ended. Nothing is attached to them, or they would
 * live for ever.
 */
function countDeaths(browser: Browser): () => number {
  let deaths = 0;
  browser.on('targetdestroyed', (target) => {
    deaths += Number(target.type() === 'service_worker');
  });
  return () => deaths;
}

test('a worker that the browser has ended because it was idle wakes for the next beat, as another one @chromium-only', async ({
  demo,
  natural,
  server,
}) => {
  const deaths = countDeaths(natural);
  const page = await openSignedIn(natural, demo);
  await typeUntil(page, () => server.beats.length >= 2);
  const before = (await events(page, 'worker')).map(({ instance }) => instance);
  expect(before).toHaveLength(1);
  const lastAsk = (await events(page, 'ping')).at(-1)?.at ?? Number.NaN;
  // A browser ends a worker 30 s after its last event.
  await expect.poll(deaths, { timeout: 60_000, intervals: [500] }).toBe(1);
  expect(Date.now() - lastAsk).toBeGreaterThan(25_000);

  const beats = server.beats.length;
  await typeUntil(page, () => server.beats.length > beats && server.beats.at(-1)?.answer?.status === 200);
  await expect.poll(async () => (await events(page, 'worker')).length).toBe(2);
  const after = (await events(page, 'worker')).at(-1)?.instance;
  expect(before).not.toContain(after);
  // What it was to remember was stored: one beat, for the activity of now, and no question about
  // the session.
  expect(server.beats.at(-1)?.activity).toBe('user');
  expect(server.checks).toEqual([]);
  expect(await snapshotOf(page)).toMatchObject({ status: 'active', host: 'worker', shared: true });
  expect(await events(page, 'end')).toEqual([]);
});
