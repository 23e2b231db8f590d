import { counts, expect, expectStatus, openTab, openWindow, signIn, test, timeline, typeFor } from '../support/test.js';

test.describe('where nothing but the interval calls for a beat', () => {
  test.use({ pace: { accessTokenTtlSeconds: 120, idleTimeoutSeconds: 60, refreshTokenIdleSeconds: 60 } });
  test('five tabs, one of them a second visible window, make one request per interval and one grant', async ({
    page,
    context,
    demo,
  }) => {
    await signIn(page, demo);
    for (let i = 0; i < 3; i += 1) await openTab(context, demo);
    await openWindow(page, demo);
    const before = await counts(page);
    const started = Date.now();
    await typeFor(page, 12);
    const seconds = (Date.now() - started) / 1_000;
    const after = await counts(page);
    const beats = after.beats - before.beats;
    // At most one per interval of 2 s less its spread of a tenth, and one more for the edges.
    expect(beats).toBeLessThanOrEqual(Math.floor(seconds / 1.8) + 1);
    expect(beats).toBeGreaterThanOrEqual(3);
    expect(after.grants - before.grants).toBeLessThanOrEqual(1);
    const sent = (await timeline(page, 'beat')).length;
    expect(sent).toBeGreaterThanOrEqual(beats);
  });

  test('ten visible tabs and a user typing in one post one message for each beat, and two more at most', async ({
    page,
    context,
    demo,
  }) => {
    await signIn(page, demo);
    for (let i = 0; i < 9; i += 1) await openTab(context, demo);
    const count = async () => ({
      pings: (await timeline(page, 'ping')).length,
      beats: (await timeline(page, 'beat')).length,
    });
    const before = await count();
    await page.bringToFront();
    // As many intervals as an hour has at the default pace.
    await typeFor(page, 24);
    const after = await count();
    const pings = after.pings - before.pings;
    const beats = after.beats - before.beats;
    console.log(`ten tabs: ${beats} beats, ${pings} messages to the worker`);
    expect(beats).toBeGreaterThanOrEqual(6);
    expect(pings).toBeLessThanOrEqual(beats + 2);
  });
});

test('a session revoked at the provider reaches every tab, once', async ({ page, context, demo }) => {
  await signIn(page, demo);
  const tabs = [page, await openTab(context, demo), await openTab(context, demo)];
  await page.getByTestId('revoke').click();
  const over = Promise.all(tabs.map((tab) => expectStatus(tab, 'expired', 30_000)));
  await typeFor(page, 9).catch(() => undefined);
  await over;
  for (const tab of tabs) {
    await expect(tab.getByTestId('over')).toBeVisible();
    expect(await timeline(tab, 'end')).toHaveLength(1);
  }
});

test('signing out in one tab reaches all', async ({ page, context, demo }) => {
  await signIn(page, demo);
  const other = await openTab(context, demo);
  await page.getByTestId('sign-out').click();
  await other.waitForURL(`${demo.url}/`);
  await expect(other.getByTestId('sign-in')).toBeVisible();
});
