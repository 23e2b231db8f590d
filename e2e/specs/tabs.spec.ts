import { expectOneBeatPerInterval, GRANTS_APART_MS, gaps } from '../support/pace.js';
import { events } from '../support/page-log.js';
import { expect, expectStatus, grantsOf, openTab, openWindow, signIn, test, typeFor } from '../support/test.js';

test.describe('where nothing but the interval calls for a beat', () => {
  test.use({ pace: { accessTokenTtlSeconds: 240, idleTimeoutSeconds: 60, refreshTokenIdleSeconds: 240 } });

  test('five tabs, one of them a second visible window, make one request per interval', async ({
    page,
    context,
    demo,
    server,
    provider,
  }) => {
    await signIn(page, demo);
    for (let i = 0; i < 3; i += 1) await openTab(context, demo);
    const second = await openWindow(page, demo);
    const before = server.beats.length;
    const started = Date.now();
    await typeFor(page, 6);
    // The user turns to the other window: the same user, the same interval.
    await typeFor(second, 5);
    const seconds = (Date.now() - started) / 1_000;
    const beats = server.beats.length - before;
    expect(beats).toBeGreaterThanOrEqual(3);
    expect(beats).toBeLessThanOrEqual(Math.floor(seconds / (0.9 * demo.settings.beatIntervalSeconds)) + 1);
    await expectOneBeatPerInterval(page, server, demo.settings);
    // None is due within a minute, however many tabs there are: a machine that takes longer sees
    // one.
    expect(grantsOf(provider).length).toBeLessThanOrEqual(1);
  });

  test('ten visible tabs and a user typing in one post one message for each beat, and two more at most @chromium-only', async ({
    page,
    context,
    demo,
    server,
  }) => {
    await signIn(page, demo);
    for (let i = 0; i < 9; i += 1) await openTab(context, demo);
    const pingsBefore = (await events(page, 'ping')).length;
    const beatsBefore = server.beats.length;
    await page.bringToFront();
    // As many intervals as an hour has at the default pace.
    await typeFor(page, 24);
    const pings = (await events(page, 'ping')).length - pingsBefore;
    const beats = server.beats.length - beatsBefore;
    console.log(`ten tabs: ${beats} beats, ${pings} messages to the worker`);
    expect(beats).toBeGreaterThanOrEqual(6);
    expect(pings).toBeLessThanOrEqual(beats + 2);
    await expectOneBeatPerInterval(page, server, demo.settings);
  });
});

test.describe('where grants come due again and again', () => {
  test.use({ pace: { idleTimeoutSeconds: 60, refreshTokenIdleSeconds: 60, accessTokenTtlSeconds: 6 } });

  test('five tabs, one of them a second visible window, make one grant at the provider each time', async ({
    page,
    context,
    demo,
    server,
    provider,
  }) => {
    await signIn(page, demo);
    for (let i = 0; i < 3; i += 1) await openTab(context, demo);
    await openWindow(page, demo);
    await page.bringToFront();
    await typeFor(page, 16);
    await expectStatus(page, 'active');
    // Both sign-ins and the grants asked the provider, and nothing else: no token was tried a
    // second time.
    await expect.poll(() => provider.tokenRequests.length - grantsOf(provider).length).toBe(2);
    expect(grantsOf(provider).length).toBeGreaterThanOrEqual(3);
    expect(Math.min(...gaps(grantsOf(provider)))).toBeGreaterThanOrEqual(GRANTS_APART_MS);
    await expectOneBeatPerInterval(page, server, demo.settings);
  });
});
