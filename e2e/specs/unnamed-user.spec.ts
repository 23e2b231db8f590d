import { test } from '../support/own-site.js';
import { changesOf, told } from '../support/small-app/read-log.js';
import { expect, signInThere } from '../support/test.js';

/** Sign-ins follow each other at once: none of them is to wait for the pace of requests. */
const PACE = '?minInterval=100';

test.describe('a backend that does not say who is signed in', () => {
  test.use({ ownSessions: { idleMs: 60_000, isUserUnnamed: true } });

  test('has its pages covered, and told, when there is another session: it may be of another user', async ({
    page,
    context,
    site,
  }) => {
    await signInThere(page, site.url, PACE);
    const other = await context.newPage();
    await signInThere(other, site.url, PACE);
    await expect.poll(() => changesOf(page)).toEqual(['onConceal(true)', 'onUserChanged']);
    await expect
      .poll(async () =>
        [...(await told(page, 'onError')), ...(await told(other, 'onError'))].map(({ value }) => value.code),
      )
      .toEqual(['user-unknown']);
    // Its own page is not covered.
    expect(await changesOf(other)).toEqual([]);

    // Beats of the new session uncover nothing.
    expect(await page.evaluate(() => window.smallApp.keepalive.extend())).toBe('alive');
    expect(await changesOf(page)).toEqual(['onConceal(true)', 'onUserChanged']);
  });
});

test.describe('a backend that says who is signed in', () => {
  test.use({ ownSessions: { idleMs: 60_000 } });

  test('has its pages told that the same user has another session', async ({ page, context, site }) => {
    await signInThere(page, site.url, PACE);
    const other = await context.newPage();
    await signInThere(other, site.url, PACE);
    await expect.poll(() => changesOf(page)).toEqual(['onSignedIn']);
    // The page that the login has led to is told of nothing, though the engine knew another
    // session.
    expect(await changesOf(other)).toEqual([]);
    await other.goto(`${site.url}/sign-in?user=grace&to=/small/${PACE}`);
    await expect.poll(() => changesOf(page)).toEqual(['onSignedIn', 'onUserChanged']);
    expect(await changesOf(other)).toEqual([]);
    expect(await told(page, 'onError')).toEqual([]);
  });
});
