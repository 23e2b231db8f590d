import { expectWithin } from '../support/machine.js';
import { quietFor } from '../support/pace.js';
import { events, told } from '../support/page-log.js';
import { expect, expectStatus, openTab, signIn, test, typeUntil } from '../support/test.js';

const AT_ONCE_MS = 1_000;

test('signing in as somebody else, by full navigation in one tab, is told in all at once', async ({
  page,
  context,
  demo,
}) => {
  await signIn(page, demo, 'Ada');
  const others = [await openTab(context, demo), await openTab(context, demo)];
  for (const tab of others) await expect(tab.getByTestId('who')).toHaveText('Ada');
  await page.bringToFront();
  // The provider forgets who this is; the session of the application goes on.
  await context.clearCookies({ domain: '127.0.0.1' });
  await page.goto(`${demo.url}/auth/login?returnTo=/app`);
  await page.getByRole('textbox').first().fill('Grace');
  await page.keyboard.press('Enter');
  await page.waitForURL(`${demo.url}/app`);
  await expect(page.getByTestId('who')).toHaveText('Grace');
  await expectStatus(page, 'active');
  const arrived = (await told(page, 'shown')).at(-1);
  for (const tab of others) {
    await expect(tab.getByTestId('who')).toHaveText('Grace');
    const changes = await told(tab, 'onUserChanged');
    expect(changes).toHaveLength(1);
    // A tab may know before the other one has loaded its page, and is not much later than that.
    expectWithin(AT_ONCE_MS, arrived?.at, changes[0]?.at);
    expect((await events(tab, 'session')).filter(({ userChanged }) => userChanged)).toHaveLength(1);
    // Not an end and a beginning: one change.
    expect(await told(tab, 'onExpired')).toEqual([]);
    expect(await told(tab, 'onSignedOut')).toEqual([]);
  }
});

test('an anonymous visitor who clicks through ten pages asks once who is signed in, and makes no beat', async ({
  page,
  demo,
  server,
}) => {
  await page.goto(`${demo.url}/page/1`);
  for (let i = 1; i <= 10; i += 1) {
    await page.waitForURL(`${demo.url}/page/${i}`);
    await expect(page.getByTestId('status')).toHaveAttribute('data-status', 'signed-out');
    await page.getByTestId('note').pressSequentially('hello', { delay: 50 });
    await page.getByTestId('next-page').click();
  }
  await page.waitForURL(`${demo.url}/page/1`);
  await expect(page.getByTestId('host')).toHaveText('worker');
  expect(server.beats.map(({ answer }) => answer?.body.reason)).toEqual(['no_session']);
  expect(demo.counters).toMatchObject({ checks: 0 });
});

test.describe('coming back', () => {
  test.use({ pace: { idleTimeoutSeconds: 60, refreshTokenIdleSeconds: 60, accessTokenTtlSeconds: 120 } });
  test('returning to a tab after a long absence beats at once', async ({ page, demo, server }) => {
    await signIn(page, demo);
    await typeUntil(page, () => server.beats.length > 1);
    // Nobody touches the page for three intervals and well past the active window. What was due
    // before may still go out.
    await expect.poll(() => quietFor(server)).toBeGreaterThan(4_000);
    const absent = server.beats.length;
    await expect.poll(() => quietFor(server)).toBeGreaterThan(8_000);
    expect(server.beats).toHaveLength(absent);
    await page.getByTestId('field-project').press('b');
    await expect.poll(() => server.beats.length).toBe(absent + 1);
    const key = (await told(page, 'keydown')).at(-1);
    const beat = (await events(page, 'beat')).at(-1);
    expectWithin(AT_ONCE_MS, key?.at, beat?.at);
    expect(server.beats.at(-1)?.activity).toBe('user');
    await expectStatus(page, 'active');
  });
});
