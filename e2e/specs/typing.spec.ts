import { events, pageLog, told } from '../support/page-log.js';
import { expect, expectStatus, grantsOf, PACE, signIn, test, typeFor } from '../support/test.js';

/** How long after the limit an end may show. */
const SHOWN_WITHIN_MS = 2_000;

test('typing for three times the idle limit keeps the session', async ({ page, demo, server, provider }) => {
  await signIn(page, demo);
  await typeFor(page, 3 * PACE.refreshTokenIdleSeconds);
  await expectStatus(page, 'active');
  expect(await events(page, 'end')).toEqual([]);
  // The same provider, the same limits, nobody telling it: the session left alone has ended meanwhile.
  await expect(page.getByTestId('alone-status')).toHaveAttribute('data-status', 'expired');
  expect(server.beats.filter(({ activity }) => activity === 'user').length).toBeGreaterThanOrEqual(6);
  // Fewer than three grants could not carry refresh tokens that idle out after a third of the time.
  expect(grantsOf(provider).length).toBeGreaterThanOrEqual(3);
});

test('not typing ends it, and the page shows that by itself within 2 s of the limit', async ({ page, demo }) => {
  await signIn(page, demo);
  await typeFor(page, 3);
  await expectStatus(page, 'expired', (PACE.idleTimeoutSeconds + 10) * 1_000);
  await expect(page.getByTestId('over')).toBeVisible();
  await expect(page.getByTestId('over-reason')).toHaveText('idle_timeout');
  await expect(page.getByTestId('field-summary')).toHaveValue(/^a+$/);

  const confirmed = (await told(page, 'onRefreshed')).at(-1);
  const lastKey = (await told(page, 'keydown')).at(-1);
  const limit = confirmed?.value.idleExpiresAt ?? Number.NaN;
  const shown = (await pageLog(page)).find(({ callback, value }) => callback === 'shown' && value === 'over');
  const late = (shown?.at ?? Number.NaN) - limit;
  console.log(`shown ${late} ms after the limit, ${(shown?.at ?? 0) - (lastKey?.at ?? 0)} ms after the last key`);
  expect(late).toBeGreaterThanOrEqual(0);
  expect(late).toBeLessThanOrEqual(SHOWN_WITHIN_MS);
});

test('typing in a rich-text editor in an iframe keeps the session', async ({ page, demo, server }) => {
  await signIn(page, demo);
  const editor = page.frameLocator('[data-testid="editor-frame"]').getByTestId('editor');
  await typeFor(page, 1.5 * PACE.idleTimeoutSeconds, editor);
  await expectStatus(page, 'active');
  expect(await events(page, 'end')).toEqual([]);
  // Not one key reached the page itself.
  expect(await told(page, 'keydown')).toEqual([]);
  expect(server.beats.filter(({ activity }) => activity === 'user').length).toBeGreaterThanOrEqual(4);
});
