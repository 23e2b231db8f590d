import { openReloading, pretend, RELOADS } from '../support/absent-tricks.js';
import { expectWithin } from '../support/machine.js';
import { events, expect, snapshotOf, test, told } from '../support/natural-browser.js';
import { reportedAt } from '../support/server-log.js';
import { expectStatus, openTab, signIn } from '../support/test.js';

/**
 * How much later than its limit a page may know the end: a question that is answered with a last
 * second, and a busy machine.
 */
const SLACK_MS = 4_000;
/**
 * What is under way between a page, the worker and the server makes activity look later than it
 * was.
 */
const UNDER_WAY_MS = 1_000;
/** Long enough to open all tabs on a busy machine. */
const IDLE_SECONDS = 20;

test.use({ pace: { idleTimeoutSeconds: IDLE_SECONDS, refreshTokenIdleSeconds: IDLE_SECONDS } });

test('whatever scripts do in its tabs, a session that nobody uses ends at its limit', async ({
  page,
  context,
  demo,
  server,
  browserName,
}) => {
  const path = '/small/?without=focusin';
  await signIn(page, demo, 'Ada', path);
  // The pointer comes to rest in the middle of what is about to move.
  await page.mouse.move(20, 20);
  await page.mouse.move(60, 60, { steps: 5 });
  const loads = await Promise.all(Object.values(RELOADS).map((how) => openReloading(context, demo.url + path, how)));
  // With `focusin` left in too, where the document can be without the focus: Playwright gives it to
  // every page of Chromium.
  const pretending = browserName === 'firefox' ? [page, await openTab(context, demo, '/small/')] : [page];
  const front = await openTab(context, demo, path);
  for (const tab of pretending) await tab.evaluate(pretend);
  const left = Date.now();

  await expect
    .poll(
      async () => {
        // A driver's pointer that goes where it is already: the browser sends a trusted move.
        await page.mouse.move(60, 60);
        return (await snapshotOf(page)).status;
      },
      { timeout: (IDLE_SECONDS + 10) * 1_000, intervals: [500] },
    )
    .toBe('expired');
  const [expired] = await told(page, 'onExpired');
  expect(expired?.value.reason).toBe('idle_timeout');
  const limit = reportedAt(server.beats) + IDLE_SECONDS * 1_000;
  expectWithin(SLACK_MS, limit, expired?.at);
  await expectStatus(front, 'expired');

  // Nobody was there after the last tab was opened by somebody, and no beat says so.
  expectWithin(UNDER_WAY_MS, left, reportedAt(server.beats));
  for (const load of loads) expect(load()).toBeGreaterThanOrEqual(4);
  expect(await told(page, 'onError')).toEqual([]);
  expect(await events(page, 'end')).toHaveLength(1);
  for (const tab of pretending) {
    const isUnfocused = await tab.evaluate(() => document.body.dataset.trusted === 'true');
    expect(isUnfocused).toBe(browserName === 'firefox');
  }
});

test('a dialog that opens when the end is near, and takes the focus, stands for nobody', async ({
  page,
  demo,
  server,
}) => {
  await signIn(page, demo, 'Ada', '/small/?warnBefore=5000');
  // Frameworks show in a later task, or in the next frame, what a subscriber has heard.
  await page.evaluate(() => {
    const field = document.querySelector('textarea');
    const { dataset } = document.body;
    window.smallApp.keepalive.subscribe(() =>
      requestAnimationFrame(() => {
        field?.blur();
        field?.focus();
        dataset.focused = String(Number(dataset.focused ?? 0) + 1);
      }),
    );
  });
  const left = Date.now();
  await expectStatus(page, 'expired');
  expectWithin(UNDER_WAY_MS, left, reportedAt(server.beats));
  // The warning, and the end.
  expect(Number(await page.evaluate(() => document.body.dataset.focused))).toBeGreaterThanOrEqual(2);
});
