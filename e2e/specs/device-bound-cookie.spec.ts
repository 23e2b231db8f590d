import { buildId } from '../../tools/build-id.mjs';
import { type BoundSite, startBoundSite } from '../support/bound-site.js';
import {
  test as base,
  expect,
  launchNatural,
  snapshotOf,
  told,
  typeUntil,
  waitForStatus,
} from '../support/natural-browser.js';

const test = base.extend<{ site: BoundSite }>({
  site: async ({ smallApp }, use) => {
    await smallApp.deploy({ worker: buildId() });
    const site = await startBoundSite(smallApp.around);
    await use(site);
    await site.close();
  },
});

test('a beat whose device-bound cookie the browser could not renew logs nobody out @chromium-only', async ({
  site,
}) => {
  const browser = await launchNatural(site.browserArgs);
  try {
    const page = await browser.newPage();
    await page.goto(`${site.url}/sign-in`);
    await waitForStatus(page, 'active');
    site.breakRenewal(true);
    await typeUntil(page, () => site.skipped.length > 0);
    expect(site.skipped.filter(({ status }) => status !== 503)).toEqual([]);
    expect((await snapshotOf(page)).status).toBe('active');

    site.breakRenewal(false);
    const refreshed = (await told(page, 'onRefreshed')).length;
    await typeUntil(page, async () => (await told(page, 'onRefreshed')).length > refreshed);
    expect((await snapshotOf(page)).status).toBe('active');
    for (const end of ['onExpired', 'onSignedOut'] as const) expect(await told(page, end)).toEqual([]);
    expect(site.skipped.filter(({ status }) => status !== 503)).toEqual([]);
  } finally {
    await browser.close();
  }
});
