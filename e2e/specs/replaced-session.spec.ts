import { events, expect, snapshotOf, test, told } from '../support/natural-browser.js';
import { readableSession, startLogin } from '../support/sign-in-again.js';
import { HOSTS } from '../support/small-app/hosts.js';
import { expectStatus, openTab, signIn } from '../support/test.js';

/** The shortest wait of our own pace, which a busy machine does not take for a login. */
const MIN_INTERVAL_MS = 10_000;

test.use({ pace: { idleTimeoutSeconds: 60, refreshTokenIdleSeconds: 60, accessTokenTtlSeconds: 240 } });

const LOGINS = [
  { name: 'Grace', as: 'as another user', callback: 'onUserChanged' },
  { name: 'Ada', as: 'again', callback: 'onSignedIn' },
] as const;

for (const { host, path, once } of HOSTS) {
  for (const { name, as, callback } of LOGINS) {
    test(`a beat that leaves before the browser has the cookie of a login ${as} tells no tab of an end, with the engine in the ${host}${once}`, async ({
      page,
      context,
      demo,
      server,
    }) => {
      const slow = `${path}${path.includes('?') ? '&' : '?'}minInterval=${MIN_INTERVAL_MS}&interval=300000`;
      await signIn(page, demo, 'Ada', slow);
      const [other, quiet] = [await openTab(context, demo, slow), await openTab(context, demo, slow)];
      const before = await readableSession(context, demo);

      // The server has ended the old session, and the answer that brings the new cookie is on its
      // way.
      const login = server.hold('login');
      const arrived = startLogin(other, demo, name, slow);
      await expect.poll(login.isHolding).toBe(true);
      const beats = server.beats.length;
      const answers = () => server.beats.slice(beats).flatMap(({ answer }) => answer ?? []);
      const asksOnce = async () => {
        await page.evaluate(() => window.smallApp.keepalive.extend());
        return answers().length;
      };
      await expect.poll(asksOnce).toBeGreaterThan(0);
      expect(answers()[0]).toMatchObject({ status: 503, body: { reason: 'session_replaced', sessionId: before } });
      login.release();
      await arrived;
      const session = await readableSession(context, demo);
      expect(session).not.toBe(before);
      for (const tab of [page, quiet, other]) {
        await expect.poll(async () => (await snapshotOf(tab)).sessionId).toBe(session);
        await expectStatus(tab, 'active');
        expect(await events(tab, 'end')).toEqual([]);
        for (const end of ['onExpired', 'onSignedOut', 'onError'] as const) expect(await told(tab, end)).toEqual([]);
      }
      // A login waits for the server's order, and not for our own pace.
      const next = server.beats.slice(beats).find(({ answer }) => answer?.status === 200);
      expect((next?.arrivedAt ?? Number.NaN) - (answers()[0]?.at ?? Number.NaN)).toBeLessThan(MIN_INTERVAL_MS);
      for (const tab of [page, quiet]) {
        expect(await told(tab, callback)).toHaveLength(1);
        expect((await events(tab, 'session')).filter(({ sessionId }) => sessionId === session)).toHaveLength(1);
      }
    });
  }
}
