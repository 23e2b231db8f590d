import { counts, expect, expectStatus, openTab, signIn, statusOf, test, timeline, typeFor } from '../support/test.js';

test('signing in as somebody else in one tab is told in all at once', async ({ page, context, demo }) => {
  await signIn(page, demo, 'Ada');
  const other = await openTab(context, demo);
  await expect(other.getByTestId('who')).toHaveText('Ada');
  await context.clearCookies({ domain: '127.0.0.1' });
  await page.goto(`${demo.url}/auth/login?returnTo=/app`);
  await page.getByRole('textbox').first().fill('Grace');
  await page.keyboard.press('Enter');
  await page.waitForURL(`${demo.url}/app`);
  await expect(page.getByTestId('who')).toHaveText('Grace');
  await expect(other.getByTestId('who')).toHaveText('Grace');
});

test('an anonymous visitor who clicks through ten pages makes no beat', async ({ page, demo }) => {
  const asked: string[] = [];
  page.context().on('request', (request) => {
    if (request.url().includes('/auth/heartbeat')) asked.push(request.url());
  });
  for (let i = 1; i <= 10; i += 1) {
    await page.goto(`${demo.url}/page/${i}`);
    await expect(page.getByTestId('status')).toHaveAttribute('data-status', 'signed-out');
  }
  expect(asked).toEqual([]);
  expect(demo.counters.beats.size).toBe(0);
});

test.describe('coming back', () => {
  test.use({ pace: { idleTimeoutSeconds: 60, refreshTokenIdleSeconds: 60 } });
  test('returning after a long absence beats at once', async ({ page, demo }) => {
    await signIn(page, demo);
    await typeFor(page, 3);
    const quiet = await counts(page);
    // Six intervals without anybody: no beat but the one that may have been due.
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 12_000)));
    const absent = await counts(page);
    expect(absent.beats - quiet.beats).toBeLessThanOrEqual(1);
    await page.getByTestId('field-project').pressSequentially('b');
    await expect.poll(async () => (await counts(page)).beats, { timeout: 3_000 }).toBeGreaterThan(absent.beats);
  });
});

test.describe('where nothing but the interval calls for a beat', () => {
  test.use({ pace: { accessTokenTtlSeconds: 120, idleTimeoutSeconds: 20, refreshTokenIdleSeconds: 120 } });
  test('the page without a worker does the same across tabs', async ({ page, context, demo }) => {
    await signIn(page, demo);
    await page.goto(`${demo.url}/app?worker=off`);
    await expectStatus(page, 'active');
    const other = await openTab(context, demo, '/app?worker=off');
    const before = await counts(page);
    await page.bringToFront();
    const started = Date.now();
    await typeFor(page, 15);
    await expect(statusOf(other)).toHaveAttribute('data-status', 'active');
    const { beats } = await counts(page);
    const seconds = (Date.now() - started) / 1_000;
    // At most one per interval of 2 s less its spread of a tenth, and one more for the edges.
    expect(beats - before.beats).toBeLessThanOrEqual(Math.floor(seconds / 1.8) + 1);
    await expectStatus(page, 'expired', 30_000);
    await expectStatus(other, 'expired');
    expect(await timeline(other, 'end')).toHaveLength(1);
  });
});
