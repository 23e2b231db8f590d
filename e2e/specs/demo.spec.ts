import { expect, expectStatus, PACE, signIn, test, timeline, typeFor } from '../support/test.js';

test('signing in again in a pop-up heals the page and leaves what was typed', async ({ page, demo }) => {
  await signIn(page, demo);
  await typeFor(page, 2);
  await expectStatus(page, 'expired', (PACE.idleTimeoutSeconds + 5) * 1_000);
  const typed = await page.getByTestId('field-summary').inputValue();
  const [popup] = await Promise.all([page.waitForEvent('popup'), page.getByTestId('sign-in-again').click()]);
  if (!popup.isClosed()) {
    const name = popup.getByRole('textbox').first();
    await Promise.race([
      popup.waitForEvent('close'),
      name.waitFor().then(async () => {
        await name.fill('Ada');
        await popup.keyboard.press('Enter');
      }),
    ]).catch(() => undefined);
  }
  await expectStatus(page, 'active');
  await expect(page.getByTestId('over')).toBeHidden();
  await expect(page.getByTestId('field-summary')).toHaveValue(typed);
});

test('the button that kills the worker replaces it, and the next beat comes from its successor', async ({
  page,
  demo,
}) => {
  await signIn(page, demo);
  await typeFor(page, 3);
  await page.getByTestId('kill-worker').click();
  await expect
    .poll(
      async () => {
        await typeFor(page, 1);
        return (await timeline(page, 'worker')).length;
      },
      { timeout: 30_000 },
    )
    .toBeGreaterThan(1);
  const beats = (await timeline(page, 'beat')).length;
  await typeFor(page, 4);
  expect((await timeline(page, 'beat')).length).toBeGreaterThan(beats);
  await expectStatus(page, 'active');
});

test.describe('a warning', () => {
  test.use({ pace: { warnBeforeSeconds: 5 } });
  test('is shown before the end, and one click moves the end', async ({ page, demo }) => {
    await signIn(page, demo);
    await expect(page.getByTestId('warning')).toBeVisible({ timeout: 15_000 });
    await page.getByTestId('stay').focus();
    await page.keyboard.press('Enter');
    await expect(page.getByTestId('warning')).toBeHidden();
    await expectStatus(page, 'active');
  });
});

test.describe('offline', () => {
  test.use({ pace: { idleTimeoutSeconds: 40, refreshTokenIdleSeconds: 40 } });
  test('for less than the idle limit and back: nobody is logged out @chromium-only', async ({
    page,
    context,
    demo,
  }) => {
    await signIn(page, demo);
    await context.setOffline(true);
    await typeFor(page, 8);
    await expectStatus(page, 'active');
    const failed = (await timeline(page, 'answer')).length;
    expect(failed).toBeGreaterThan(0);
    await context.setOffline(false);
    await typeFor(page, 6);
    await expectStatus(page, 'active');
    expect((await timeline(page, 'answer')).length).toBeGreaterThan(failed);
    expect(await timeline(page, 'end')).toEqual([]);
  });
});
