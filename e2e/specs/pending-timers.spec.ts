import { test } from '../support/own-site.js';
import { snapshotOf } from '../support/small-app/read-log.js';
import { expect, signInThere } from '../support/test.js';

declare global {
  interface Window {
    /** The delays of the timers that have neither fired nor been cleared. */
    pending: Map<number, number>;
  }
}

// No end is announced, so that none is waited for.
test.use({ ownSessions: { facts: { nextBeatIn: 60 } } });

test('a framework that waits until no timer is pending, as Angular does, is stable once the worker is installed', async ({
  page,
  site,
}) => {
  await page.addInitScript(() => {
    const { setTimeout, clearTimeout } = window;
    const pending = new Map<number, number>();
    window.pending = pending;
    Object.assign(window, {
      setTimeout(run: (...args: unknown[]) => void, delay = 0, ...args: unknown[]) {
        const id = setTimeout(() => {
          pending.delete(id);
          run(...args);
        }, delay);
        pending.set(id, delay);
        return id;
      },
      clearTimeout(id: number) {
        pending.delete(id);
        clearTimeout(id);
      },
    });
  });
  await signInThere(page, site.url);
  expect((await snapshotOf(page)).host).toBe('worker');
  // Longer than what a question takes, shorter than the time-out of an installation.
  await expect.poll(() => page.evaluate(() => [...window.pending.values()]), { timeout: 7_000 }).toEqual([]);
});
