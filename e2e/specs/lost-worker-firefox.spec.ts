import type { Page } from '@playwright/test';
import { clearAtLogout } from '../support/clear-at-logout.js';
import { test as base } from '../support/natural-browser.js';
import type { ServerLog } from '../support/server-log.js';
import { snapshotOf, told } from '../support/small-app/read-log.js';
import { signOut } from '../support/small-app/sign-out.js';
import { expect, expectStatus, LASTING, openTab, signIn, typeUntil } from '../support/test.js';

const test = base.extend({
  around: async ({ smallApp }, use) => use((site) => smallApp.around(clearAtLogout(site))),
});

test.use({ pace: LASTING });

/** The user types on, and more than one beat is confirmed, by the worker. */
async function expectGoesOn(page: Page, server: ServerLog): Promise<void> {
  const confirmed = () => server.beats.filter(({ answer }) => answer?.status === 200).length;
  const before = confirmed();
  await page.bringToFront();
  await typeUntil(page, () => confirmed() >= before + 2);
  expect(await snapshotOf(page)).toMatchObject({ status: 'active', host: 'worker', shared: true });
  expect(new URL(server.beats.at(-1)?.referer ?? '').pathname).toBe('/auth/stillhere-sw.js');
  expect(await told(page, 'onError')).toEqual([]);
}

test('the keepalive goes on when its worker is unregistered, and again after a logout that clears the data of the site, while tabs are open @firefox-only', async ({
  page,
  context,
  demo,
  server,
}) => {
  await signIn(page, demo, 'Ada', '/small/');
  const other = await openTab(context, demo, '/small/');
  await page.evaluate(async () => {
    for (const registration of await navigator.serviceWorker.getRegistrations()) await registration.unregister();
  });
  await expectGoesOn(page, server);
  await expectGoesOn(other, server);

  await signOut(page);
  for (const tab of [page, other]) {
    await expectStatus(tab, 'signed-out');
    expect(await told(tab, 'onSignedOut')).toHaveLength(1);
  }
  // The provider still knows who this is.
  await page.goto(`${demo.url}/auth/login?returnTo=/small/`);
  await expectStatus(page, 'active');
  await expectGoesOn(page, server);
  // The other tab is alive again without a reload.
  await expectStatus(other, 'active');
  await expectGoesOn(other, server);
  expect(await told(other, 'onSignedOut')).toHaveLength(1);
  expect(await told(other, 'onSignedIn')).toHaveLength(1);
});
