import { events, expect, snapshotOf, test, told } from '../support/natural-browser.js';
import { expectStatus, openTab, signIn, typeUntil } from '../support/test.js';

const OTHER = '/small/?app=alone';

test('two applications on one origin, of different names, neither hear nor keep each other @chromium-only', async ({
  page,
  context,
  demo,
  server,
}) => {
  // One login at the provider, two sessions.
  await signIn(page, demo, 'Ada', '/small/');
  const other = await context.newPage();
  await other.goto(`${demo.url}/alone/login?returnTo=${encodeURIComponent(OTHER)}`);
  await expectStatus(other, 'active');
  const otherTab = await openTab(context, demo, OTHER);
  const workers = await page.evaluate(async () =>
    (await navigator.serviceWorker.getRegistrations()).map(({ scope }) => new URL(scope).pathname).sort(),
  );
  expect(workers).toEqual([
    '/alone/stillhere-scope/~2Falone~2Fheartbeat/',
    '/auth/stillhere-scope/~2Fauth~2Fheartbeat/',
  ]);
  const ids = { kept: (await snapshotOf(page)).sessionId, other: (await snapshotOf(other)).sessionId };
  expect(ids.kept).not.toBe(ids.other);

  // Signing out of one leaves the other.
  await other.evaluate(async () => {
    await window.smallApp.keepalive.signedOut();
    await fetch('/alone/logout', { method: 'POST', headers: { 'X-Stillhere': '1' } });
  });
  for (const tab of [other, otherTab]) await expectStatus(tab, 'signed-out');
  await page.bringToFront();
  const beats = server.beats.length;
  await typeUntil(page, () => server.beats.length > beats && server.beats.at(-1)?.answer?.status === 200);
  expect(await snapshotOf(page)).toMatchObject({ status: 'active', sessionId: ids.kept });

  // Whoever types in one keeps that one, and the other ends: in its own tabs, in nobody else's.
  await other.goto(`${demo.url}/alone/login?returnTo=${encodeURIComponent(OTHER)}`);
  for (const tab of [other, otherTab]) await expectStatus(tab, 'active');
  const arrived = Date.now();
  await page.bringToFront();
  await typeUntil(page, async () => (await snapshotOf(otherTab)).status === 'expired');
  await expectStatus(other, 'expired');
  expect((await told(otherTab, 'onExpired')).map(({ value }) => value.reason)).toEqual(['idle_timeout']);
  expect(await snapshotOf(page)).toMatchObject({ status: 'active', sessionId: ids.kept });

  // Each was told of its own, and of nothing else.
  expect(await events(page, 'end')).toEqual([]);
  for (const callback of ['onExpired', 'onSignedOut', 'onSignedIn', 'onUserChanged'] as const)
    expect(await told(page, callback)).toEqual([]);
  const heard = (await events(page, 'beat')).map(({ at }) => at);
  expect((await events(otherTab, 'beat')).filter(({ at }) => heard.includes(at))).toEqual([]);
  expect(await events(otherTab, 'end')).toHaveLength(2);
  for (const { answer } of server.beats) expect(answer?.body.sessionId).toBe(ids.kept);
  // Nothing that was typed in the one was reported to the other.
  const reported = (await events(otherTab, 'beat')).filter(({ activity }) => activity === 'user');
  expect(Math.max(...reported.map(({ at, idleMs }) => at - idleMs))).toBeLessThanOrEqual(arrived);
});
