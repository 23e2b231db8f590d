import { expect, snapshotOf, test } from '../support/natural-browser.js';
import { expectStatus, signIn } from '../support/test.js';

test.use({ pace: { idleTimeoutSeconds: 60, refreshTokenIdleSeconds: 60, accessTokenTtlSeconds: 240 } });

const TABS = 8;
const pathOf = (tab: number) => `/small/?tab=${tab}`;

test('eight tabs that ask to sign in at once each come back to their own page', async ({ page, context, demo }) => {
  const tabs = await Promise.all(Array.from({ length: TABS }, () => context.newPage()));
  await Promise.all(tabs.map((tab, index) => tab.goto(demo.url + pathOf(index))));
  for (const tab of tabs) await expectStatus(tab, 'signed-out');
  await Promise.all(tabs.map((tab) => tab.evaluate(() => void window.smallApp.keepalive.signIn())));
  await Promise.all(tabs.map((tab) => tab.waitForURL((url) => url.origin !== demo.url)));

  // The person signs in in each of them, one after the other; the provider may know them already in
  // the later ones.
  for (const [index, tab] of tabs.entries()) {
    await tab.bringToFront();
    await tab.getByRole('textbox').first().fill('Ada');
    await tab.keyboard.press('Enter');
    await tab.waitForURL(demo.url + pathOf(index));
    await expectStatus(tab, 'active');
  }
  const ids = new Set<unknown>();
  for (const tab of tabs) {
    await expect.poll(async () => (await snapshotOf(tab)).status).toBe('active');
    ids.add((await snapshotOf(tab)).user);
  }
  expect(ids.size).toBe(1);
  const left = (await context.cookies(demo.url)).filter(({ name }) => name.includes('-login-'));
  expect(left).toEqual([]);
  await page.close();
});

test('many tabs that a browser restores at once leave a small Cookie header, and each login works', async ({
  context,
  demo,
}) => {
  const tabs = await Promise.all(Array.from({ length: 12 }, () => context.newPage()));
  const returnTo = (tab: number) => `/small/?tab=${tab}&filter=${'x'.repeat(900)}`;
  await Promise.all(
    tabs.map((tab, index) => tab.goto(`${demo.url}/auth/login?returnTo=${encodeURIComponent(returnTo(index))}`)),
  );
  const cookies = await context.cookies(demo.url);
  const header = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
  expect(header.length).toBeGreaterThan(0);
  expect(header.length).toBeLessThan(2_048);
  const [tab] = tabs;
  if (!tab) throw new Error('no tab');
  await tab.bringToFront();
  await tab.getByRole('textbox').first().fill('Ada');
  await tab.keyboard.press('Enter');
  await tab.waitForURL(demo.url + returnTo(0));
  await expectStatus(tab, 'active');
});

test("a prefetch of the login leaves the person's own sign-in alone", async ({ page, context, demo }) => {
  await page.goto(`${demo.url}/auth/login?returnTo=${encodeURIComponent('/small/?mine')}`);
  const other = await context.newPage();
  await other.goto(`${demo.url}/small/`);
  const statuses = await other.evaluate(async () => {
    const asks = Array.from({ length: 25 }, () => fetch('/auth/login', { redirect: 'manual' }));
    return (await Promise.all(asks)).map(({ status }) => status);
  });
  expect(new Set(statuses)).toEqual(new Set([503]));
  await page.bringToFront();
  await page.getByRole('textbox').first().fill('Ada');
  await page.keyboard.press('Enter');
  await page.waitForURL(`${demo.url}/small/?mine`);
  await expectStatus(page, 'active');
});

test('a login in a pop-up is told to the tabs of the page that opened it, whatever their name @chromium-only', async ({
  page,
  context,
  demo,
}) => {
  await signIn(page, demo, 'Ada', '/small/?name=crm');
  const other = await context.newPage();
  await other.goto(`${demo.url}/small/?name=crm`);
  await expectStatus(other, 'active');
  const heard = other.evaluate(
    () =>
      new Promise<unknown>((resolve) => {
        const channel = new BroadcastChannel('stillhere:crm');
        channel.onmessage = ({ data }) => {
          if (data.type === 'look') resolve(data);
        };
      }),
  );
  const [popup] = await Promise.all([
    page.waitForEvent('popup'),
    page
      .evaluate(() => {
        const button = document.createElement('button');
        button.id = 'popup';
        button.textContent = 'Sign in';
        button.onclick = () => void window.smallApp.keepalive.signIn({ popup: true });
        document.body.append(button);
      })
      .then(() => page.click('#popup')),
  ]);
  expect(await heard).toMatchObject({ type: 'look' });
  if (!popup.isClosed()) await popup.waitForEvent('close');
});
