import type { Page } from '@playwright/test';
import { events, expect, snapshotOf, test, told } from '../support/natural-browser.js';
import { endElsewhere, readableSession, signInAgain } from '../support/sign-in-again.js';
import { HOSTS } from '../support/small-app/hosts.js';
import { expectStatus, openTab, signIn, typeFor, typeUntil } from '../support/test.js';

test.use({ pace: { idleTimeoutSeconds: 60, refreshTokenIdleSeconds: 60, accessTokenTtlSeconds: 240 } });

/** Answers that came when what they speak of was no longer true. */
const stale = async (page: Page) => (await events(page, 'answer')).filter((answer) => answer.stale);

for (const { host, path, once } of HOSTS) {
  test.describe(`with the engine in the ${host}`, () => {
    test('a refresh that is in flight when another tab signs out signs nobody in again', async ({
      page,
      context,
      demo,
      server,
    }) => {
      await signIn(page, demo, 'Ada', path);
      const other = await openTab(context, demo, path);
      await page.bringToFront();

      // The application signs out as it should: the beat has not reached the server's session yet.
      const request = server.hold('request');
      await typeUntil(page, request.isHolding);
      const signedOut = other.evaluate(async () => {
        await window.smallApp.keepalive.signedOut();
        const { status } = await fetch('/auth/logout', { method: 'POST', headers: { 'X-Stillhere': '1' } });
        return status;
      });
      for (const tab of [page, other]) await expectStatus(tab, 'signed-out');
      request.release();
      expect(await signedOut).toBe(200);
      await expect.poll(() => stale(other)).toHaveLength(1);
      for (const tab of [page, other]) await expectStatus(tab, 'signed-out');
      expect(await readableSession(context, demo)).toBeNull();

      await signInAgain(page, demo, path);
      for (const tab of [page, other]) await expectStatus(tab, 'active');

      // Now it does not even say so, and the server has refreshed already.
      const answer = server.hold('answer');
      await typeUntil(page, answer.isHolding);
      await other.evaluate(() => fetch('/auth/logout', { method: 'POST', headers: { 'X-Stillhere': '1' } }));
      for (const tab of [page, other]) await expectStatus(tab, 'signed-out');
      answer.release();
      await expect.poll(() => stale(other)).toHaveLength(2);
      expect(server.beats.at(-1)?.answer?.status).toBe(200);

      // Neither the next beats nor a page that starts anew find anybody.
      const beats = server.beats.length;
      await typeFor(other, 3);
      await page.reload();
      await expectStatus(page, 'signed-out');
      await expectStatus(other, 'signed-out');
      expect(server.beats).toHaveLength(beats);
      const cookies = await context.cookies(demo.url);
      // What is left for two minutes leads to the provider's own logout, once.
      const names = cookies.map(({ name }) => name).filter((name) => !name.includes('alone'));
      expect(names).toEqual(['stillhere-logout']);
      expect(await told(other, 'onSignedOut')).toHaveLength(2);
      expect(await told(other, 'onSignedIn')).toHaveLength(1);
      expect(await told(other, 'onExpired')).toEqual([]);
    });

    test(`a late 401 of a session that is over ends no newer one${once}`, async ({ page, context, demo, server }) => {
      await signIn(page, demo, 'Ada', path);
      const other = await openTab(context, demo, path);
      await page.bringToFront();
      const before = await readableSession(context, demo);

      // The server has said that the session is over, and no page has heard it. A beat that arrives
      // while the session ends may be answered either way: the 401 is kept.
      const answer = server.hold('answer', 401);
      await endElsewhere(context, demo);
      await typeUntil(page, answer.isHolding);
      await signInAgain(other, demo, path);
      const second = await readableSession(context, demo);
      expect(second).not.toBe(before);
      answer.release();
      for (const tab of [page, other]) await expect.poll(async () => (await snapshotOf(tab)).sessionId).toBe(second);
      await expect.poll(() => stale(page)).toMatchObject([{ outcome: 'unavailable', code: 'revoked' }]);

      // A request that a newer login overtakes on its way to the server is told to come back.
      const request = server.hold('request');
      await typeUntil(page, request.isHolding);
      await signInAgain(other, demo, path);
      const third = await readableSession(context, demo);
      request.release();
      for (const tab of [page, other]) {
        await expect.poll(async () => (await snapshotOf(tab)).sessionId).toBe(third);
        await expectStatus(tab, 'active');
      }
      const overtaken = server.beats.find(({ answer }) => answer?.body.sessionId === second && answer.status === 503);
      expect(overtaken).toBeDefined();

      expect(await events(page, 'end')).toEqual([]);
      expect(await told(page, 'onExpired')).toEqual([]);
      expect(await told(page, 'onSignedOut')).toEqual([]);
      expect(await told(page, 'onSignedIn')).toHaveLength(2);
      // And the newest goes on.
      const beats = server.beats.length;
      await typeUntil(page, () => server.beats.length > beats && server.beats.at(-1)?.answer?.status === 200);
      expect(server.beats.at(-1)?.answer?.body.sessionId).toBe(third);
    });
  });
}
