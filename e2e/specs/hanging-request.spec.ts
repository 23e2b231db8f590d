import { test } from '../support/own-site.js';
import { events } from '../support/page-log.js';
import { expect, expectKept, expectStatus, signInThere, typeUntil } from '../support/test.js';

const HOST = '/auth/stillhere-sw.js';

test('a request that hangs is given up, and holds up neither the next beat nor another tab', async ({
  page,
  context,
  server,
  site,
}) => {
  await signInThere(page, site.url, '?timeout=2000');
  const other = await context.newPage();
  await other.goto(`${site.url}/small/?timeout=2000`);
  await expectStatus(other, 'active');
  const hold = server.hold('request');
  await typeUntil(page, hold.isHolding);
  // Waits for its turn, and gets one.
  expect(await other.evaluate(() => window.smallApp.keepalive.extend())).toBe('alive');
  const codes = async () => (await events(page, 'answer')).map(({ code }) => code);
  await expect.poll(async () => (await codes()).slice(-2)).toEqual(['timeout', 'ok']);
  expect((await codes()).filter((code) => code !== 'ok')).toEqual(['timeout']);
  const before = server.beats.length;
  await typeUntil(page, () => server.beats.length > before && server.beats.at(-1)?.answer?.status === 200);
  for (const { referer } of server.beats) expect(new URL(referer).pathname).toBe(HOST);
  await expectKept(page, other);
  hold.release();
});
