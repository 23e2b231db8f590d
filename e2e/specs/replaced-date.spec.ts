import type { Page } from '@playwright/test';
import { expectNoPause, expectWithin } from '../support/machine.js';
import { test } from '../support/own-site.js';
import { events, told } from '../support/page-log.js';
import { expect, expectKept, expectStatus, signInThere, typeUntil } from '../support/test.js';

const TEN_MINUTES_MS = 600_000;
const IDLE_LIMIT_MS = 10_000;
const WARN_BEFORE_MS = 4_000;
const INTERVAL_MS = 2_000;

/**
 * The next pages take a time that is `ms` beside the true one, as with a "preview as of". No worker
 * does, and timers go on as ever.
 */
async function replaceDate(page: Page, ms: number): Promise<void> {
  await page.addInitScript((shift) => {
    const now = Date.now.bind(Date);
    Date.now = () => now() + shift;
    window.Date = new Proxy(Date, {
      construct: (target, args) => Reflect.construct(target, args.length ? args : [now() + shift]),
    });
  }, ms);
}

/** The two instants are at most `limit` milliseconds apart, as far as the machine let them. */
function expectNear(limit: number, one: number, other: number): void {
  expectWithin(limit, Math.min(one, other), Math.max(one, other));
}

for (const [name, shift] of [
  ['slow', -TEN_MINUTES_MS],
  ['fast', TEN_MINUTES_MS],
] as const)
  test(`a page whose Date is ten minutes ${name} keeps its session, covers nothing, and warns and ends in time`, async ({
    page,
    server,
    site,
  }) => {
    await replaceDate(page, shift);
    await signInThere(page, site.url, `?warnBefore=${WARN_BEFORE_MS}`);
    const from = Date.now();
    // Longer than the idle limit.
    await typeUntil(page, () => Date.now() - from > 1.3 * IDLE_LIMIT_MS);
    await expectKept(page);
    expect((await events(page, 'host')).map(({ host }) => host)).toEqual(['worker']);
    expectNoPause(
      2 * INTERVAL_MS + 3_000,
      server.beats.map(({ arrivedAt }) => arrivedAt),
    );
    expect((await told(page, 'onConceal')).filter(({ value }) => value)).toEqual([]);

    // Hands off. The log's instants are the page's.
    const ending = () => page.evaluate(() => window.smallApp.keepalive.snapshot().ending);
    await expect.poll(ending, { timeout: 2 * IDLE_LIMIT_MS, intervals: [100] }).not.toBeNull();
    const warnedAt = Date.now();
    const last = server.beats.filter(({ activity }) => activity === 'user').at(-1);
    const limit = (last?.arrivedAt ?? Number.NaN) - (last?.idleMs ?? 0) + IDLE_LIMIT_MS;
    expectNear(2_500, limit - WARN_BEFORE_MS, warnedAt);
    expectNear(1_500, limit, ((await ending())?.at ?? Number.NaN) - shift);
    await expectStatus(page, 'expired', 2 * IDLE_LIMIT_MS);
    const [expired] = await told(page, 'onExpired');
    expectNear(3_000, limit, (expired?.at ?? Number.NaN) - shift);
  });
