import { gaps } from '../support/pace.js';
import { events, told } from '../support/page-log.js';
import {
  expect,
  expectKept,
  expectStatus,
  openTab,
  openTabWhileTyping,
  signIn,
  test,
  typeUntil,
} from '../support/test.js';

test.describe('for less than the idle limit', () => {
  test.use({ pace: { idleTimeoutSeconds: 40, refreshTokenIdleSeconds: 40, accessTokenTtlSeconds: 120 } });

  test('a server that is gone though the browser is online, and back: nobody is logged out', async ({
    page,
    demo,
    server,
  }) => {
    await page.addInitScript(() => Object.defineProperty(Navigator.prototype, 'onLine', { get: () => true }));
    await signIn(page, demo);
    await demo.site.stop();
    const failures = async () =>
      (await events(page, 'answer')).filter(({ outcome }) => outcome === 'unavailable').length;
    await typeUntil(page, async () => (await failures()) >= 2);
    await expectStatus(page, 'active');
    const reached = server.beats.length;
    await demo.site.start();
    await typeUntil(page, () => server.beats.length > reached && server.beats.at(-1)?.answer?.status === 200);
    await expectKept(page);
  });

  test('offline and back: one beat for all tabs, and nobody is logged out @chromium-only', async ({
    page,
    context,
    demo,
    server,
  }) => {
    await signIn(page, demo);
    const tabs = [page, await openTab(context, demo), await openTab(context, demo)];
    await page.bringToFront();
    await context.setOffline(true);
    const offline = async () => (await events(page, 'answer')).filter(({ outcome }) => outcome === 'offline').length;
    await typeUntil(page, async () => (await offline()) >= 2);
    await expectStatus(page, 'active');
    const reached = server.beats.length;
    await context.setOffline(false);
    await typeUntil(page, () => server.beats.length >= reached + 3 && server.beats.at(-1)?.answer?.status === 200);
    // All three heard that the network is back.
    const pauses = gaps(server.beats.slice(reached).map(({ arrivedAt }) => arrivedAt));
    expect(Math.min(...pauses)).toBeGreaterThan(demo.settings.beatIntervalSeconds * 900 - 300);
    await expectKept(...tabs);
  });
});

test.describe('for longer than the idle limit', () => {
  test.use({ pace: { idleTimeoutSeconds: 6, refreshTokenIdleSeconds: 120, accessTokenTtlSeconds: 240 } });

  test('a user who writes on is covered meanwhile, and still signed in when the network is back', async ({
    page,
    demo,
    server,
  }) => {
    await signIn(page, demo);
    const other = await openTabWhileTyping(page, demo);
    await other.getByTestId('field-summary').fill('typed before');
    await page.bringToFront();
    await demo.site.stop();
    const stopped = Date.now();
    // No answer says if the session lives: the page is covered, and its user may write on.
    const isConcealed = async () => (await told(page, 'onConceal')).at(-1)?.value === true;
    await typeUntil(page, async () => (await isConcealed()) && Date.now() - stopped > 7_000);
    await expectStatus(page, 'active');
    const typed = await page.getByTestId('field-summary').inputValue();
    expect(typed).not.toBe('');
    const beats = server.beats.length;
    await demo.site.start();
    await typeUntil(page, () => server.beats.slice(beats).some(({ answer }) => answer?.status === 200));
    await expect.poll(isConcealed).toBe(false);
    await expectKept(page, other);
    const refusals = [...server.beats, ...server.checks].filter(({ answer }) => answer?.status === 401);
    expect(refusals).toEqual([]);
    expect(await page.getByTestId('field-summary').inputValue()).toContain(typed);
    expect(await other.getByTestId('field-summary').inputValue()).toBe('typed before');
  });

  test('a user who leaves meanwhile is signed out when the network is back', async ({ page, demo, server }) => {
    await signIn(page, demo);
    await typeUntil(page, () => server.beats.length >= 2);
    await demo.site.stop();
    const stopped = Date.now();
    await expect.poll(() => Date.now() - stopped, { timeout: 20_000 }).toBeGreaterThan(7_000);
    await demo.site.start();
    await typeUntil(page, async () => (await told(page, 'onExpired')).length > 0);
    expect((await told(page, 'onExpired')).map(({ value }) => value.reason)).toEqual(['idle_timeout']);
  });
});
