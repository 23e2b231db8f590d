import { events, told } from '../support/page-log.js';
import { expect, expectStatus, LASTING, openTab, signIn, test, typeFor, typeUntil } from '../support/test.js';

test.describe('a session that does not end by itself', () => {
  test.use({ pace: LASTING });

  test('signing in again in a pop-up heals the page and leaves what was typed', async ({ page, demo }) => {
    await signIn(page, demo);
    await typeFor(page, 2);
    // By key: what the page shows meanwhile may move the button away from under a pointer.
    await page.getByTestId('revoke').press('Enter');
    await typeUntil(page, async () => (await told(page, 'onExpired')).length > 0);
    await expectStatus(page, 'expired');
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
    expect(await told(page, 'onSignedIn')).toHaveLength(1);
  });

  test('the button that kills the worker replaces it, and the next beat comes from its successor', async ({
    page,
    demo,
    server,
  }) => {
    await signIn(page, demo);
    await typeUntil(page, () => server.beats.length >= 2);
    const workers = (await events(page, 'worker')).length;
    await page.getByTestId('kill-worker').press('Enter');
    await typeUntil(page, async () => (await events(page, 'worker')).length > workers);
    const beats = server.beats.length;
    await typeUntil(page, () => server.beats.length > beats);
    await expectStatus(page, 'active');
  });
});

test.describe('a warning', () => {
  // Ten seconds until it is shown, and as long to answer as the slowest machine needs.
  test.use({ pace: { warnBeforeSeconds: 35, idleTimeoutSeconds: 45, refreshTokenIdleSeconds: 45 } });
  test('is shown in every tab before the end, and one key in one of them moves the end for all', async ({
    page,
    context,
    demo,
  }) => {
    await signIn(page, demo);
    const tabs = [page, await openTab(context, demo)];
    for (const tab of tabs) await expect(tab.getByTestId('warning')).toBeVisible({ timeout: 60_000 });
    await page.bringToFront();
    await page.getByTestId('stay').focus();
    await page.keyboard.press('Enter');
    for (const tab of tabs) {
      await expect(tab.getByTestId('warning')).toBeHidden();
      await expectStatus(tab, 'active');
      expect(await told(tab, 'onEnding')).not.toEqual([]);
    }
  });
});

test.describe('where the warning comes after two seconds', () => {
  test.use({ pace: { warnBeforeSeconds: 30, idleTimeoutSeconds: 32, refreshTokenIdleSeconds: 32 } });
  test('it may be answered ten times in a row, by one key each and nothing else (WCAG 2.2.1) @chromium-only', async ({
    page,
    demo,
  }) => {
    await signIn(page, demo);
    const end = async () => (await told(page, 'onRefreshed')).at(-1)?.value.idleExpiresAt ?? 0;
    for (let times = 0; times < 10; times += 1) {
      await expect(page.getByTestId('warning')).toBeVisible();
      const before = await end();
      await page.getByTestId('stay').press('Enter');
      await expect.poll(end).toBeGreaterThan(before);
    }
    await expect(page.getByTestId('warning')).toBeHidden();
    await expectStatus(page, 'active');
    expect(await told(page, 'onExpired')).toEqual([]);
  });
});
