import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launchNatural, waitForStatus } from '../support/natural-browser.js';
import { test } from '../support/own-site.js';
import { changesOf, snapshotOf } from '../support/small-app/read-log.js';
import { expect } from '../support/test.js';

test.use({ ownSessions: { idleMs: 120_000, rendersFor: true } });

test('a tab that the browser reopens after another user has signed in is concealed and told @chromium-only', async ({
  site,
  smallApp,
}) => {
  smallApp.headers['Cache-Control'] = 'max-age=600';
  const profile = await mkdtemp(join(tmpdir(), 'stillhere-reopened-'));
  try {
    const before = await launchNatural([], profile);
    const page = await before.newPage();
    await page.goto(`${site.url}/sign-in?to=/small/`);
    await waitForStatus(page, 'active');
    const other = await before.newPage();
    await other.goto(`${site.url}/sign-in?user=grace&to=/small/?grace`);
    await waitForStatus(other, 'active');
    await page.bringToFront();
    await before.close();

    const after = await launchNatural(['--restore-last-session'], profile);
    const findPage = async () => (await after.pages()).find((candidate) => candidate.url() === `${site.url}/small/`);
    await expect.poll(findPage).toBeDefined();
    const reopened = await findPage();
    if (!reopened) throw new Error('The browser has not reopened the tab.');
    await waitForStatus(reopened, 'active');
    const owner = await reopened.evaluate(
      () => document.querySelector<HTMLMetaElement>('meta[name=stillhere-user]')?.content,
    );
    // The browser shows the page from its cache.
    expect(owner).toBe('ada');
    await expect.poll(() => changesOf(reopened)).toEqual(['onConceal(true)', 'onUserChanged']);
    expect((await snapshotOf(reopened)).user).toBe('grace');
    await after.close();
  } finally {
    await rm(profile, { recursive: true, force: true });
  }
});
