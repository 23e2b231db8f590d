import type { Page } from 'puppeteer-core';
import { expectNoPause, expectWithin } from '../support/machine.js';
import { expect, signIn, snapshotOf, test, told, typeUntil, waitForStatus } from '../support/natural-browser.js';
import { gaps } from '../support/pace.js';
import type { ServerLog } from '../support/server-log.js';
import { shiftClock } from '../support/shift-clock.js';

// Where only the interval calls for beats, not a token that is about to expire.
test.use({ pace: { refreshTokenIdleSeconds: 60, accessTokenTtlSeconds: 120 } });

const HOURS_MS = 6 * 3_600_000;
const INTERVAL_MS = 2_000;
/** Twice the interval, as long as an answer may take on a busy machine. */
const LONGEST_PAUSE_MS = 2 * INTERVAL_MS + 3_000;
const PATH = '/small/?worker=off';

const arrivals = (server: ServerLog, since: number): number[] =>
  server.beats.slice(since).map(({ arrivedAt }) => arrivedAt);

/** The page knows of so many beats, and nothing is on its way when the clock is set. */
const typeUntilRefreshed = (page: Page, beats: number): Promise<void> =>
  typeUntil(page, async () => (await told(page, 'onRefreshed')).length >= beats);

/** Neither a loop nor silence. */
function expectPace(instants: readonly number[]): void {
  // Spread a tenth earlier, and a little on the way.
  expect(Math.min(...gaps(instants))).toBeGreaterThan(INTERVAL_MS * 0.9 - 300);
  expectNoPause(LONGEST_PAUSE_MS, instants);
}

for (const [name, shift] of [
  ['fast', HOURS_MS],
  ['slow', -HOURS_MS],
] as const) {
  test.describe(`a device whose clock is six hours ${name}`, () => {
    test('keeps the session at its pace, and shows the end when it comes @chromium-only', async ({
      demo,
      natural,
      server,
    }) => {
      const page = await natural.newPage();
      await shiftClock(page, shift);
      await signIn(page, demo, 'Ada', PATH);
      await typeUntil(page, () => server.beats.length >= 5);
      expectPace(arrivals(server, 0));
      const typed = server.beats.length;
      // Hands off.
      await waitForStatus(page, 'expired');
      const [end] = await told(page, 'onExpired');
      expect(end?.value.reason).toBe('idle_timeout');
      const last = server.beats.at(-1);
      const limit = (last?.arrivedAt ?? Number.NaN) - (last?.idleMs ?? 0) + demo.settings.idleTimeoutSeconds * 1_000;
      const shown = (end?.at ?? Number.NaN) - shift;
      expectWithin(2_000, limit, shown);
      expectWithin(2_000, shown, limit);
      expect(server.beats.length - typed).toBeLessThanOrEqual(1);
    });
  });

  test.describe(`a clock that is set six hours ${shift > 0 ? 'forward' : 'back'} while the page runs`, () => {
    test('makes neither a loop nor silence while the user types @chromium-only', async ({ demo, natural, server }) => {
      const page = await natural.newPage();
      await shiftClock(page, 0);
      await signIn(page, demo, 'Ada', PATH);
      await typeUntilRefreshed(page, 3);
      const before = server.beats.length;
      await page.evaluate((ms) => window.setClock(ms), shift);
      await typeUntil(page, () => server.beats.length >= before + 4);
      const instants = arrivals(server, before - 1);
      // One beat may come sooner than its interval when the clock is set, and no more.
      expect(gaps(instants).filter((gap) => gap < INTERVAL_MS * 0.9 - 300).length).toBeLessThanOrEqual(1);
      expectNoPause(LONGEST_PAUSE_MS, instants);
      expect((await snapshotOf(page)).status).toBe('active');
      expect(await told(page, 'onExpired')).toEqual([]);
    });

    test('still shows the end of a session whose user has gone @chromium-only', async ({ demo, natural, server }) => {
      const page = await natural.newPage();
      await shiftClock(page, 0);
      await signIn(page, demo, 'Ada', PATH);
      await typeUntilRefreshed(page, 2);
      await page.evaluate((ms) => window.setClock(ms), shift);
      await waitForStatus(page, 'expired');
      const [end] = await told(page, 'onExpired');
      expect(end?.value.reason).toBe('idle_timeout');
      const last = server.beats.filter(({ activity }) => activity === 'user').at(-1);
      const limit = (last?.arrivedAt ?? Number.NaN) - (last?.idleMs ?? 0) + demo.settings.idleTimeoutSeconds * 1_000;
      // Set back, the bucket of requests is drawn in as a full one: the question waits for
      // minInterval, a second here.
      expectWithin(shift < 0 ? 4_000 : 2_000, limit, (end?.at ?? Number.NaN) - shift);
    });
  });
}
