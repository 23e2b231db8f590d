import { counts, expect, expectStatus, signIn, stopWorkers, test, timeline, typeFor } from '../support/test.js';

test('a worker stopped by force again and again loses nothing @chromium-only', async ({ page, demo }) => {
  await signIn(page, demo);
  for (let i = 0; i < 8; i += 1) {
    await typeFor(page, 1.5);
    await stopWorkers(page);
  }
  await typeFor(page, 3);
  await expectStatus(page, 'active');
  expect((await counts(page)).beats).toBeGreaterThanOrEqual(4);
  expect(new Set(await timeline(page, 'worker')).size).toBeGreaterThan(1);
});

test.describe('in the middle of a refresh', () => {
  test.use({ pace: { idleTimeoutSeconds: 60, refreshTokenIdleSeconds: 60 } });
  test('a worker stopped while its refresh is in flight beats again @chromium-only', async ({ page, demo }) => {
    await signIn(page, demo);
    demo.provider?.setFault('hanging');
    // The access token lives 6 s: from then on a beat waits for the provider.
    await typeFor(page, 6);
    const answered = (await timeline(page, 'answer')).length;
    expect((await timeline(page, 'beat')).length).toBeGreaterThan(answered);
    await stopWorkers(page);
    demo.provider?.setFault('none');
    await expect
      .poll(
        async () => {
          await typeFor(page, 1);
          return (await timeline(page, 'answer')).length;
        },
        { timeout: 60_000 },
      )
      .toBeGreaterThan(answered);
    await expectStatus(page, 'active');
  });
});

test('a worker that died a natural death wakes for the next beat @firefox-only', async ({ page, demo }) => {
  await signIn(page, demo);
  const started = await timeline(page, 'worker');
  // The preference lets it die 2 s after its last event; beats come 2 s apart, so that pauses of 4 s are deaths.
  for (let i = 0; i < 3; i += 1) {
    await typeFor(page, 1);
    await expect(page.getByTestId('next-beat')).not.toBeEmpty();
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 4_000)));
  }
  await typeFor(page, 2);
  await expectStatus(page, 'active');
  expect((await timeline(page, 'worker')).length).toBeGreaterThan(started.length);
});
