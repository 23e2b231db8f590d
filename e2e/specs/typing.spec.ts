import { expectWithin } from '../support/machine.js';
import { pageLog, told } from '../support/page-log.js';
import { expect, expectKept, expectStatus, grantsOf, PACE, signIn, test, typeFor } from '../support/test.js';

/** How long after the limit that the page knows an end may show. */
const SHOWN_WITHIN_MS = 2_000;
/** What the server may give in whole seconds beyond its limit, when it is asked at the very end. */
const ROUNDED_UP_MS = 1_000;

test('typing for three times the idle limit keeps the session', async ({ page, demo, server, provider }) => {
  await signIn(page, demo);
  await typeFor(page, 3 * PACE.refreshTokenIdleSeconds);
  await expectKept(page);
  // The same provider, the same limits, nobody telling it: the session left alone has ended
  // meanwhile.
  await expect(page.getByTestId('alone-status')).toHaveAttribute('data-status', 'expired');
  expect(server.beats.filter(({ activity }) => activity === 'user').length).toBeGreaterThanOrEqual(6);
  // Fewer than three grants could not carry refresh tokens that idle out after a third of the time.
  expect(grantsOf(provider).length).toBeGreaterThanOrEqual(3);
});

test('not typing ends it, and the page shows that by itself within 2 s of the limit', async ({
  page,
  demo,
  server,
}) => {
  await signIn(page, demo);
  await typeFor(page, 3);
  await expectStatus(page, 'expired');
  await expect(page.getByTestId('over')).toBeVisible();
  await expect(page.getByTestId('over-reason')).toHaveText('idle_timeout');
  await expect(page.getByTestId('field-summary')).toHaveValue(/^a+$/);

  const limit = (await told(page, 'onRefreshed')).at(-1)?.value.idleExpiresAt ?? Number.NaN;
  // Asked at that instant, the server may say that a last second is left, and the page knows a
  // later limit then.
  const moved = server.checks.flatMap(({ arrivedAt, answer }) =>
    typeof answer?.body.idleExpiresIn === 'number' ? [arrivedAt + answer.body.idleExpiresIn * 1_000] : [],
  );
  const shown = (await pageLog(page)).find(({ callback, value }) => callback === 'shown' && value === 'over');
  const lateBy = (instant: number) => (shown?.at ?? Number.NaN) - instant;
  console.log(`shown ${lateBy(limit)} ms after the limit, ${moved.length ? lateBy(Math.max(...moved)) : 'not'} moved`);
  expect(lateBy(limit)).toBeGreaterThanOrEqual(0);
  expectWithin(SHOWN_WITHIN_MS + ROUNDED_UP_MS, limit, shown?.at);
  expectWithin(SHOWN_WITHIN_MS, Math.max(limit, ...moved), shown?.at);
});

test('typing in a rich-text editor in an iframe keeps the session', async ({ page, demo, server }) => {
  await signIn(page, demo);
  const editor = page.frameLocator('[data-testid="editor-frame"]').getByTestId('editor');
  await typeFor(page, 1.5 * PACE.idleTimeoutSeconds, editor);
  await expectKept(page);
  // Not one key reached the page itself.
  expect(await told(page, 'keydown')).toEqual([]);
  expect(server.beats.filter(({ activity }) => activity === 'user').length).toBeGreaterThanOrEqual(4);
});
