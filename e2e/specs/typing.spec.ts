import { counts, expect, expectStatus, PACE, signIn, statusOf, test, typeFor } from '../support/test.js';

test('typing for three times the idle limit keeps the session', async ({ page, demo }) => {
  await signIn(page, demo);
  await typeFor(page, 3 * PACE.idleTimeoutSeconds);
  await expectStatus(page, 'active');
  // The same provider, the same limits, nobody telling it: the session left alone has ended meanwhile.
  await expect(page.getByTestId('alone-status')).toHaveAttribute('data-status', 'expired');
  const { beats, grants } = await counts(page);
  expect(beats).toBeGreaterThanOrEqual(6);
  expect(grants).toBeGreaterThanOrEqual(3);
});

test('not typing ends it, and the page shows that by itself', async ({ page, demo }) => {
  await signIn(page, demo);
  await typeFor(page, 3);
  const idleSince = Date.now();
  await expectStatus(page, 'expired', (PACE.idleTimeoutSeconds + 5) * 1_000);
  const shownAfter = Date.now() - idleSince;
  expect(shownAfter).toBeGreaterThan((PACE.idleTimeoutSeconds - 3) * 1_000);
  await expect(page.getByTestId('over')).toBeVisible();
  await expect(page.getByTestId('over-reason')).toHaveText('idle_timeout');
  await expect(page.getByTestId('field-summary')).toHaveValue(/^a+$/);
  console.log(`ended ${shownAfter} ms after the last key, limit ${PACE.idleTimeoutSeconds} s`);
});

test('typing in a rich-text editor in an iframe keeps the session', async ({ page, demo }) => {
  await signIn(page, demo);
  const editor = page.frameLocator('[data-testid="editor-frame"]').getByTestId('editor');
  await typeFor(page, 2 * PACE.idleTimeoutSeconds, editor);
  await expect(statusOf(page)).toHaveAttribute('data-status', 'active');
});
