import { expectWithin } from '../support/machine.js';
import { events, pageLog, told } from '../support/page-log.js';
import { expect, expectStatus, LASTING, openTab, signIn, test, typeUntil } from '../support/test.js';

const REACHES_ALL_WITHIN_MS = 1_000;

test.use({ pace: LASTING });

test('a session revoked at the provider reaches every tab within a second of the beat that learns it, once', async ({
  page,
  context,
  demo,
  server,
}) => {
  await signIn(page, demo);
  const tabs = [page, await openTab(context, demo), await openTab(context, demo)];
  await page.bringToFront();
  await page.getByTestId('revoke').click();
  await typeUntil(page, () => server.beats.at(-1)?.answer?.status === 401);
  const asked = server.beats.length;
  for (const tab of tabs) await expectStatus(tab, 'expired');

  const learnt = (await events(page, 'answer')).filter(({ outcome }) => outcome === 'ended');
  expect(learnt.map(({ code }) => code)).toEqual(['refresh_rejected']);
  for (const tab of tabs) {
    await expect(tab.getByTestId('over')).toBeVisible();
    expect(await events(tab, 'end')).toHaveLength(1);
    const expired = await told(tab, 'onExpired');
    expect(expired.map(({ value }) => value.reason)).toEqual(['refresh_rejected']);
    const shown = (await pageLog(tab)).filter(({ callback, value }) => callback === 'shown' && value === 'over');
    expect(shown).toHaveLength(1);
    for (const { at } of [...expired, ...shown]) {
      expect(at - (learnt[0]?.at ?? 0)).toBeGreaterThanOrEqual(0);
      expectWithin(REACHES_ALL_WITHIN_MS, learnt[0]?.at, at);
    }
  }
  // Acted on once by all of them together: nobody has asked again.
  expect(server.beats).toHaveLength(asked);
});

test('signing out in one tab reaches all', async ({ page, context, demo }) => {
  await signIn(page, demo);
  const tabs = [page, await openTab(context, demo), await openTab(context, demo)];
  await page.bringToFront();
  await page.getByTestId('sign-out').click();
  for (const tab of tabs) {
    await expect(tab).toHaveURL(`${demo.url}/`);
    await expect(tab.getByTestId('sign-in')).toBeVisible();
  }
  const [first] = (await Promise.all(tabs.map((tab) => told(tab, 'onSignedOut')))).flat().sort((a, b) => a.at - b.at);
  for (const tab of tabs) {
    const signedOut = await told(tab, 'onSignedOut');
    expect(signedOut).toHaveLength(1);
    expectWithin(REACHES_ALL_WITHIN_MS, first?.at, signedOut[0]?.at);
    expect(await told(tab, 'onExpired')).toEqual([]);
  }
  // Nobody asks for a session that the user has ended; a beat that the click on the button made may
  // still arrive.
  for (const tab of tabs) expect((await events(tab, 'beat')).filter(({ at }) => at > (first?.at ?? 0))).toEqual([]);
});

test('a sign-out that has to wait for a request of another tab still reaches the server', async ({
  page,
  context,
  demo,
}) => {
  await signIn(page, demo);
  // Another tab of the site holds the lock, as an engine does whose request is on its way.
  const holder = await context.newPage();
  await holder.goto(`${demo.url}/page/1`);
  await holder.evaluate(
    () =>
      new Promise<void>((held) => {
        void navigator.locks.request('stillhere:/auth/heartbeat', () => {
          held();
          return new Promise<void>((release) => addEventListener('release', () => release()));
        });
      }),
  );
  await page.bringToFront();
  await page.getByTestId('sign-out').click();
  await expect.poll(async () => (await told(page, 'onSignedOut')).length).toBe(1);
  // A page that left at once would be gone by now.
  await page.waitForLoadState();
  await holder.evaluate(() => dispatchEvent(new Event('release')));
  await expect(page).toHaveURL(`${demo.url}/`);
  await expect(page.getByTestId('sign-in')).toHaveText('Sign in and try it');
  expect(await page.evaluate(async () => (await fetch('/demo/me')).status)).toBe(401);
});
