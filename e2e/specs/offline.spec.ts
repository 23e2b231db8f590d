import { events } from '../support/page-log.js';
import { expect, expectStatus, signIn, test, typeUntil } from '../support/test.js';

test.use({ pace: { idleTimeoutSeconds: 40, refreshTokenIdleSeconds: 40, accessTokenTtlSeconds: 120 } });

test('a server that is gone for a while, and back: nobody is logged out', async ({ page, demo, server }) => {
  await signIn(page, demo);
  await demo.site.stop();
  const failures = async () => (await events(page, 'answer')).filter(({ outcome }) => outcome !== 'alive').length;
  await typeUntil(page, async () => (await failures()) >= 2);
  await expectStatus(page, 'active');
  const reached = server.beats.length;
  await demo.site.start();
  await typeUntil(page, () => server.beats.length > reached && server.beats.at(-1)?.answer?.status === 200);
  await expectStatus(page, 'active');
  expect(await events(page, 'end')).toEqual([]);
});

test('offline and back: the network that returns is used at once, and nobody is logged out @chromium-only', async ({
  page,
  context,
  demo,
  server,
}) => {
  await signIn(page, demo);
  await context.setOffline(true);
  const offline = async () => (await events(page, 'answer')).filter(({ outcome }) => outcome === 'offline').length;
  await typeUntil(page, async () => (await offline()) >= 2);
  await expectStatus(page, 'active');
  const reached = server.beats.length;
  await context.setOffline(false);
  await typeUntil(page, () => server.beats.length > reached && server.beats.at(-1)?.answer?.status === 200);
  await expectStatus(page, 'active');
  expect(await events(page, 'end')).toEqual([]);
});
