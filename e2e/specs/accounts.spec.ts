import { expectWithin } from '../support/machine.js';
import { events, expect, logOf, snapshotOf, test, told } from '../support/natural-browser.js';
import { endElsewhere, readableSession, signInAgain, signInAs } from '../support/sign-in-again.js';
import { HOSTS } from '../support/small-app/hosts.js';
import { expectStatus, openTab, signIn, typeUntil } from '../support/test.js';

test.use({ pace: { idleTimeoutSeconds: 60, refreshTokenIdleSeconds: 60, accessTokenTtlSeconds: 240 } });

const SETTLES_WITHIN_MS = 2_000;

for (const { host, path, once } of HOSTS) {
  test.describe(`with the engine in the ${host}${once}`, () => {
    test('three accounts within seconds: every tab ends at the last one, told of each change, and no session is taken for another', async ({
      page,
      context,
      demo,
      server,
    }) => {
      await signIn(page, demo, 'Ada', path);
      const [second, third] = [await openTab(context, demo, path), await openTab(context, demo, path)];
      const ada = (await snapshotOf(page)).user;
      await signInAs(second, demo, 'Grace', path);
      await signInAs(third, demo, 'Edsger', path);
      const last = await readableSession(context, demo);
      for (const tab of [page, second, third]) {
        await expect.poll(async () => (await snapshotOf(tab)).sessionId).toBe(last);
        await expectStatus(tab, 'active');
        expect(await tab.evaluate(async () => (await fetch('/demo/me')).json())).toEqual({ name: 'Edsger' });
      }

      // Whose session it was each time, by the server's own word.
      const owners = new Map<unknown, unknown>();
      for (const { answer } of server.beats) {
        if (answer?.status === 200) owners.set(answer.body.sessionId, answer.body.user);
      }
      const edsger = owners.get(last);
      expect([...owners.values()].filter((user) => user === ada)).toHaveLength(1);
      expect(edsger).not.toBe(ada);
      for (const tab of [page, second]) {
        const changes = (await told(tab, 'onUserChanged')).map(({ value }) => value.user);
        // Two that follow at once may be told as one.
        expect(changes.length).toBeGreaterThanOrEqual(1);
        expect(changes.length).toBeLessThanOrEqual(2);
        expect(changes.at(-1)).toBe(edsger);
        expect(changes).not.toContain(ada);
        expect(await told(tab, 'onExpired')).toEqual([]);
        expect(await told(tab, 'onSignedOut')).toEqual([]);
        expect(await told(tab, 'onError')).toEqual([]);
      }
      // No page was ever told of one's session and another's name, and of nobody's that is not the
      // cookie's.
      for (const tab of [page, second, third]) {
        const shown = [...(await told(tab, 'onRefreshed')), ...(await told(tab, 'onUserChanged'))];
        expect(shown.filter(({ value }) => owners.get(value.sessionId) !== value.user)).toEqual([]);
      }
      await page.bringToFront();
      const beats = server.beats.length;
      await typeUntil(page, () => server.beats.length > beats && server.beats.at(-1)?.answer?.status === 200);
      for (const { answer } of server.beats.slice(beats)) expect(answer?.body.sessionId).toBe(last);
    });

    test('signed out, sent through the login and back within a second or two: every tab settles at once', async ({
      page,
      context,
      demo,
      server,
    }) => {
      // The pace of every day, at which a back-off or an interval would be seen.
      const slow = `${path}${path.includes('?') ? '&' : '?'}minInterval=5000&interval=300000`;
      await signIn(page, demo, 'Ada', slow);
      const other = await openTab(context, demo, slow);
      const before = { beats: server.beats.length, session: await readableSession(context, demo) };
      const left = Date.now();
      await page.evaluate((returnTo) => {
        const { keepalive } = window.smallApp;
        void keepalive
          .signedOut()
          .then(() => fetch('/auth/logout', { method: 'POST', headers: { 'X-Stillhere': '1' } }))
          .then(() => location.assign(`/auth/login?returnTo=${encodeURIComponent(returnTo)}`));
      }, slow);
      await page.waitForURL(demo.url + slow);
      await page.waitForFunction((since) => performance.timeOrigin > since, left);
      await expectStatus(page, 'active');
      const loaded = await page.evaluate(() => performance.timeOrigin);
      const seen = await readableSession(context, demo);
      expect(seen).not.toBe(before.session);
      for (const tab of [page, other]) {
        await expect.poll(async () => (await snapshotOf(tab)).sessionId).toBe(seen);
        await expectStatus(tab, 'active');
        const answers = (await events(tab, 'answer')).filter(({ at, stale }) => at > loaded && !stale);
        expect(answers.map(({ outcome }) => outcome)).toEqual(answers.map(() => 'alive'));
        expectWithin(SETTLES_WITHIN_MS, loaded, (await snapshotOf(tab)).lastBeatAt ?? Number.NaN);
        expect(await told(tab, 'onError')).toEqual([]);
        expect(await told(tab, 'onExpired')).toEqual([]);
      }
      expect(await told(other, 'onSignedOut')).toHaveLength(1);
      expect(await told(other, 'onSignedIn')).toHaveLength(1);
      // One for the new session, and one of the page that arrived where the other had seen the
      // cookie first.
      expect(server.beats.length - before.beats).toBeLessThanOrEqual(2);
    });

    test('signing in again in one tab or a pop-up heals all others, where they were and with what was typed', async ({
      page,
      context,
      demo,
      server,
    }) => {
      await signIn(page, demo, 'Ada', path);
      const [second, third] = [await openTab(context, demo, path), await openTab(context, demo, path)];
      for (const tab of [page, third]) {
        const field = tab.getByTestId('field-summary');
        await field.fill('A long text that nobody wants to type twice.');
        await field.evaluate((element) => {
          if (element instanceof HTMLTextAreaElement) element.setSelectionRange(7, 11);
        });
      }
      const standing = (tab: typeof page) =>
        tab.evaluate(() => {
          const field = document.activeElement;
          if (!(field instanceof HTMLTextAreaElement)) return null;
          const { value, selectionStart, selectionEnd } = field;
          return { value, selectionStart, selectionEnd, loaded: performance.timeOrigin };
        });
      const before = [await standing(page), await standing(third)];
      expect(before).not.toContain(null);

      async function expectHealed(times: number): Promise<void> {
        for (const tab of [page, second, third]) await expectStatus(tab, 'active');
        const seen = await readableSession(context, demo);
        for (const tab of [page, second, third]) expect((await snapshotOf(tab)).sessionId).toBe(seen);
        expect([await standing(page), await standing(third)]).toEqual(before);
        for (const tab of [page, third]) {
          expect(await told(tab, 'onExpired')).toHaveLength(times);
          expect(await told(tab, 'onSignedIn')).toHaveLength(times);
          // Told before anything says that the new session was refreshed.
          const told_ = (await logOf(tab)).map(({ callback }) => callback);
          expect(told_.lastIndexOf('onSignedIn')).toBeLessThan(told_.lastIndexOf('onRefreshed'));
        }
      }

      await endElsewhere(context, demo);
      await page.evaluate(() => window.smallApp.keepalive.extend());
      for (const tab of [page, second, third]) await expectStatus(tab, 'expired');
      await signInAgain(second, demo, path);
      await expectHealed(1);

      await endElsewhere(context, demo);
      await page.evaluate(() => window.smallApp.keepalive.extend());
      for (const tab of [page, second, third]) await expectStatus(tab, 'expired');
      await second.evaluate(() => {
        const button = document.createElement('button');
        button.textContent = 'Sign in again';
        button.onclick = () => void window.smallApp.keepalive.signIn({ popup: true });
        document.body.append(button);
      });
      await second.bringToFront();
      await second.getByRole('button').click();
      await expectHealed(2);
      expect(server.beats.at(-1)?.answer?.status).toBe(200);
    });
  });
}
