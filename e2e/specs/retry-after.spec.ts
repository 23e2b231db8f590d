import type { Page } from 'puppeteer-core';
import { snapshotOf, told as toldIn, typeUntil as typeIn, waitForStatus } from '../support/natural-browser.js';
import { type Between, test } from '../support/own-site.js';
import type { ServerLog } from '../support/server-log.js';
import { shiftClock } from '../support/shift-clock.js';
import { expect, expectKept, expectStatus, signInThere, typeUntil } from '../support/test.js';

const HOURS_MS = 6 * 3_600_000;
const ORDER_MS = 3_000;
/** A server's clock and this one are of one machine; timers may be a little early. */
const ROUNDING_MS = 20;

/**
 * A refusal by a server whose clock is `ahead` of this device's. A date in HTTP has no
 * milliseconds.
 */
function refuse(status: number, ahead: number | null): Response {
  const now = Math.ceil((Date.now() + (ahead ?? 0)) / 1_000) * 1_000;
  const date = (at: number): string => new Date(at).toUTCString();
  const headers: Record<string, string> =
    ahead === null
      ? { 'Retry-After': String(ORDER_MS / 1_000) }
      : { Date: date(now), 'Retry-After': date(now + ORDER_MS) };
  return Response.json({ reason: 'busy' }, { status, headers });
}

/** The next who asks is refused. */
function refuseOnce(between: Between, status: number, ahead: number | null): void {
  between.stand(() => {
    between.stand(null);
    return refuse(status, ahead);
  });
}

const lastRefusal = ({ beats, checks }: ServerLog): number | undefined =>
  [...beats, ...checks].find(({ answer }) => answer && answer.status >= 429)?.answer?.at;

/** Everybody's asks that arrived after `since`. */
const asksSince = ({ beats, checks }: ServerLog, since: number): number[] =>
  [...beats, ...checks].map(({ arrivedAt }) => arrivedAt).filter((at) => at > since);

for (const [name, status, ahead] of [
  ['a 429 in seconds', 429, null],
  ["a 503 as a date, by a server that is six hours behind this device's clock", 503, -HOURS_MS],
] as const) {
  test(`Retry-After: ${name} is obeyed by all tabs as one`, async ({ page, context, server, site, between }) => {
    await signInThere(page, site.url);
    const others = [await context.newPage(), await context.newPage()];
    for (const other of others) {
      await other.goto(`${site.url}/small/`);
      await expectStatus(other, 'active');
    }
    refuseOnce(between, status, ahead);
    await typeUntil(page, () => lastRefusal(server) !== undefined);
    const refusedAt = lastRefusal(server) ?? Number.NaN;
    // Not even who asks for it passes the server's order.
    const [extended, checked] = await Promise.all([
      others[0]?.evaluate(() => window.smallApp.keepalive.extend()),
      others[1]?.evaluate(() => window.smallApp.keepalive.check()),
    ]);
    expect([extended, checked]).toEqual(['unavailable', 'unavailable']);
    await typeUntil(page, () => asksSince(server, refusedAt).length > 0);
    expect(Math.min(...asksSince(server, refusedAt)) - refusedAt).toBeGreaterThanOrEqual(ORDER_MS - ROUNDING_MS);
    await typeUntil(page, () => server.beats.at(-1)?.answer?.status === 200);
    await expectKept(page, ...others);
  });
}

for (const [name, shift] of [
  ['fast', HOURS_MS],
  ['slow', -HOURS_MS],
] as const) {
  test(`Retry-After as a date is obeyed by a page whose clock is six hours ${name} @chromium-only`, async ({
    natural,
    server,
    site,
    between,
  }) => {
    const tabs: [Page, Page] = [await natural.newPage(), await natural.newPage()];
    const [page, other] = tabs;
    for (const tab of tabs) {
      await shiftClock(tab, shift);
      const to = '/small/?worker=off';
      await tab.goto(tab === page ? `${site.url}/sign-in?to=${encodeURIComponent(to)}` : site.url + to);
      await waitForStatus(tab, 'active');
    }
    await page.bringToFront();
    refuseOnce(between, 503, 0);
    await typeIn(page, () => lastRefusal(server) !== undefined);
    const refusedAt = lastRefusal(server) ?? Number.NaN;
    expect(await other.evaluate(() => window.smallApp.keepalive.extend())).toBe('unavailable');
    await typeIn(page, () => asksSince(server, refusedAt).length > 0);
    expect(Math.min(...asksSince(server, refusedAt)) - refusedAt).toBeGreaterThanOrEqual(ORDER_MS - ROUNDING_MS);
    for (const tab of tabs) {
      expect((await snapshotOf(tab)).status).toBe('active');
      expect(await toldIn(tab, 'onExpired')).toEqual([]);
    }
  });
}
