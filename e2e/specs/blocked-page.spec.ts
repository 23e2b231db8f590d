import { expectWithin } from '../support/machine.js';
import { test } from '../support/own-site.js';
import { expect, signInThere } from '../support/test.js';

// Nobody's session ends here by itself.
test.use({ ownSessions: { idleMs: 120_000 } });

const BLOCKED_MS = 4_000;
/** The time between a key and the task that hears of it, on a busy machine. */
const SLACK_MS = 1_500;

/**
 * How the page stands still: in a listener that runs for the key itself, or in a task that the key
 * has to wait for.
 */
const WAYS = [
  {
    what: 'in a listener of the key',
    once: '',
    block: (ms: number) =>
      addEventListener('keydown', () => {
        const until = performance.now() + ms;
        while (performance.now() < until);
      }),
  },
  {
    what: 'when the key comes',
    once: ' @chromium-only',
    block: (ms: number) => {
      setTimeout(() => {
        const until = performance.now() + ms;
        while (performance.now() < until);
      });
    },
  },
];

for (const { what, once, block } of WAYS) {
  test(`a page that stands still ${what} reports the user's activity with its own time${once}`, async ({
    page,
    site,
    server,
  }) => {
    await signInThere(page, site.url, '?activeWindow=60000');
    await page.getByTestId('field-summary').focus();
    // The next beat has been due for a while, and nothing is left to report: it leaves for the key.
    await expect
      .poll(() => page.evaluate(() => Date.now() - (window.smallApp.keepalive.snapshot().wakeAt ?? Infinity)))
      .toBeGreaterThan(1_000);
    const before = server.beats.length;
    await page.evaluate(block, BLOCKED_MS);
    const pressedAt = Date.now();
    await page.keyboard.press('a');
    await expect.poll(() => server.beats.length, { timeout: 30_000 }).toBeGreaterThan(before);
    const [beat] = server.beats.slice(before);
    expect(beat?.activity).toBe('user');
    const reported = (beat?.arrivedAt ?? Number.NaN) - (beat?.idleMs ?? Number.NaN);
    expectWithin(SLACK_MS, pressedAt, reported);
  });
}
