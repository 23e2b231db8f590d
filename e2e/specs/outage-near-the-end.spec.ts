import { test } from '../support/own-site.js';
import { events } from '../support/page-log.js';
import { expect, expectKept, signInThere, typeUntil } from '../support/test.js';

/** What the session has left when the server is back. */
const LEFT_MS = 3_500;

test('a server that is back just before the session would end hears of the user in time', async ({
  page,
  server,
  site,
}) => {
  await signInThere(page, site.url);
  const isAnswered = () => server.beats.filter(({ answer }) => answer?.status === 200).length >= 3;
  await typeUntil(page, isAnswered);
  await site.stop();
  const end = await page.evaluate(() => window.smallApp.keepalive.snapshot().idleExpiresAt ?? Number.NaN);
  await typeUntil(page, () => Date.now() >= end - LEFT_MS);
  await site.start();
  const back = Date.now();
  const reached = server.beats.length;
  await typeUntil(page, () => server.beats.length > reached);
  const waited = (server.beats[reached]?.arrivedAt ?? Number.NaN) - back;
  // Several attempts were made before, and the next one was near.
  const attempts = (await events(page, 'beat')).filter(({ at }) => at < back && at > end - 10_000);
  expect(attempts.length).toBeGreaterThanOrEqual(3);
  expect(waited).toBeLessThan(LEFT_MS);
  await typeUntil(page, () => server.beats.length >= reached + 3);
  expect(server.beats.slice(reached).map(({ answer }) => answer?.status ?? 200)).not.toContain(401);
  await expectKept(page);
});
