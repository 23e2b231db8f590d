import { test } from '../support/own-site.js';
import { gaps } from '../support/pace.js';
import { events } from '../support/page-log.js';
import { expect, expectKept, signInThere, typeUntil } from '../support/test.js';

const ROUNDING_MS = 20;
/** The small application's own: no attempt follows another sooner. */
const MIN_INTERVAL_MS = 1_000;

test('navigator.onLine is a hint: false does not keep beats from a server that is there, one per step from one that is not', async ({
  page,
  server,
  site,
}) => {
  // As on a machine with loopback only.
  await page.addInitScript(() => Object.defineProperty(Navigator.prototype, 'onLine', { get: () => false }));
  await signInThere(page, site.url);
  await typeUntil(page, () => server.beats.filter(({ answer }) => answer?.status === 200).length >= 3);
  const outcomes = async () => (await events(page, 'answer')).map(({ outcome }) => outcome);
  await expect.poll(outcomes).toEqual(server.beats.map(() => 'alive'));

  await site.stop();
  const since = Date.now();
  const failed = async () => (await events(page, 'answer')).filter(({ outcome }) => outcome === 'offline');
  await typeUntil(page, async () => (await failed()).length >= 3);
  const attempts = (await events(page, 'beat')).map(({ at }) => at).filter((at) => at >= since);
  expect(Math.min(...gaps(attempts))).toBeGreaterThanOrEqual(MIN_INTERVAL_MS - ROUNDING_MS);
  expect(await page.evaluate(() => window.smallApp.keepalive.extend())).toBe('offline');

  await site.start();
  const before = server.beats.length;
  await typeUntil(page, () => server.beats.length > before && server.beats.at(-1)?.answer?.status === 200);
  await expectKept(page);
});
