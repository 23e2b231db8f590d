import type { Page } from '@playwright/test';
import { test } from '../support/own-site.js';
import { changesOf, snapshotOf, told } from '../support/small-app/read-log.js';
import { expect, signInThere } from '../support/test.js';

test.use({ ownSessions: { idleMs: 60_000, rendersFor: true } });

/** The small application's script, held back: a page of a slow network, or with much to do. */
async function holdScript(page: Page): Promise<() => void> {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route('**/small/page.js', async (route) => {
    await released;
    await route.continue();
  });
  return release;
}

const renderedFor = (page: Page): Promise<string | null> =>
  page.evaluate(() => document.querySelector<HTMLMetaElement>('meta[name=stillhere-user]')?.content ?? null);

for (const cacheControl of ['no-cache', 'max-age=600']) {
  for (const { how, path, told: callback, status } of [
    {
      how: 'another user has signed in',
      path: '/sign-in?user=grace&to=/small/other',
      told: 'onUserChanged',
      status: 'active',
    },
    { how: 'the user has signed out', path: '/sign-out', told: 'onSignedOut', status: 'signed-out' },
  ]) {
    test(`Back to a page with "${cacheControl}" conceals it and says so when ${how}`, async ({
      page,
      site,
      smallApp,
    }) => {
      smallApp.headers['Cache-Control'] = cacheControl;
      await signInThere(page, site.url);
      expect(await changesOf(page)).toEqual([]);
      await page.goto(site.url + path);
      await page.goBack();
      // The browser shows the old page, and runs its scripts from the start.
      await expect.poll(() => changesOf(page)).toEqual(['onConceal(true)', callback]);
      expect(await renderedFor(page)).toBe('ada');
      expect((await told(page, 'pageshow')).map(({ value }) => value.persisted)).toEqual([false]);
      expect(await snapshotOf(page)).toMatchObject({ status, ...(status === 'active' && { user: 'grace' }) });

      // A page of the server's own is for the user who is there: nothing covers it.
      await page.goto(`${site.url}/small/?fresh`);
      await expect.poll(async () => (await snapshotOf(page)).status).toBe(status);
      expect(await changesOf(page)).toEqual([]);
    });
  }
}

test('a page whose script comes after another user has signed in is concealed and told', async ({
  page,
  context,
  site,
}) => {
  await signInThere(page, site.url);
  const late = await context.newPage();
  const release = await holdScript(late);
  await late.goto(`${site.url}/small/?late`, { waitUntil: 'commit' });
  await expect.poll(() => renderedFor(late)).toBe('ada');
  await page.goto(`${site.url}/sign-in?user=grace&to=/small/?grace`);
  await expect.poll(async () => (await snapshotOf(page)).user).toBe('grace');
  release();
  await expect
    .poll(async () => (await late.evaluate(() => !!window.smallApp)) && changesOf(late))
    .toEqual(['onConceal(true)', 'onUserChanged']);
});

test('a page of the user who has just signed in is never covered, though the engine knows another one', async ({
  page,
  site,
}) => {
  // The server can be asked about each login at once: a page that has to wait for its turn is
  // covered until then.
  const often = '?minInterval=100';
  await signInThere(page, site.url, often);
  for (const user of ['grace', 'ada', 'grace']) {
    await page.goto(`${site.url}/sign-in?user=${user}&to=/small/${often}`);
    await expect.poll(async () => (await snapshotOf(page)).user).toBe(user);
    expect(await renderedFor(page)).toBe(user);
    expect(await changesOf(page)).toEqual([]);
  }
  await page.goto(`${site.url}/sign-out`);
  await signInThere(page, site.url, often);
  await expect.poll(async () => (await snapshotOf(page)).user).toBe('ada');
  expect(await changesOf(page)).toEqual([]);
});

test('a page that lives through a sign-out in another tab is concealed and told', async ({ page, context, site }) => {
  await signInThere(page, site.url);
  const other = await context.newPage();
  await other.goto(`${site.url}/small/?other`);
  await expect.poll(async () => (await snapshotOf(other)).status).toBe('active');
  await other.evaluate(() => window.smallApp.keepalive.signedOut());
  await expect.poll(() => changesOf(page)).toEqual(['onConceal(true)', 'onSignedOut']);
});

test('a covered page is uncovered when its own user is signed in again', async ({ page, context, site }) => {
  await signInThere(page, site.url);
  await page.goto(`${site.url}/sign-out`);
  await page.goBack();
  await expect.poll(() => changesOf(page)).toEqual(['onConceal(true)', 'onSignedOut']);
  const other = await context.newPage();
  await signInThere(other, site.url);
  await expect
    .poll(() => changesOf(page))
    .toEqual(['onConceal(true)', 'onSignedOut', 'onSignedIn', 'onConceal(false)']);
});
