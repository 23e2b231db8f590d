import { expect, logOf, openSignedIn, test, told } from '../support/natural-browser.js';

test.use({ pace: { idleTimeoutSeconds: 60, refreshTokenIdleSeconds: 60, accessTokenTtlSeconds: 240 } });

test('a tab that is looked at before the server has said who is signed in now is covered, and is told before it is uncovered @chromium-only', async ({
  demo,
  natural,
  server,
}) => {
  const page = await openSignedIn(natural, demo, 'Ada');
  const other = await natural.newPage();
  expect(await page.evaluate(() => document.visibilityState)).toBe('hidden');
  const ofProvider = (await natural.cookies()).filter(({ domain }) => domain === '127.0.0.1');
  await natural.deleteCookie(...ofProvider);

  const beat = server.hold('request');
  await other.goto(`${demo.url}/auth/login?returnTo=/small/`);
  await other.waitForSelector('input[name="login"]');
  await other.type('input[name="login"]', 'Grace');
  await Promise.all([other.waitForNavigation({ waitUntil: 'load' }), other.keyboard.press('Enter')]);
  await expect.poll(beat.isHolding).toBe(true);
  await page.bringToFront();
  await expect.poll(async () => (await told(page, 'visibility')).at(-1)?.value).toBe('visible');
  const log = (await logOf(page)).map(({ callback }) => callback);
  expect(log).toContain('onConceal');
  // What is written down when the page is shown comes after it.
  expect(log.indexOf('onConceal')).toBeLessThan(log.lastIndexOf('visibility'));
  expect(await told(page, 'onUserChanged')).toEqual([]);

  beat.release();
  const ofInterest = async () =>
    (await logOf(page)).map(({ callback }) => callback).filter((callback) => /UserChanged|Conceal/.test(callback));
  await expect.poll(ofInterest).toEqual(['onConceal', 'onUserChanged', 'onConceal']);
  expect((await told(page, 'onConceal')).map(({ value }) => value)).toEqual([true, false]);
});
