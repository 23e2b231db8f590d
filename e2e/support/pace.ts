import { expect, type Page } from '@playwright/test';
import type { DemoSettings } from '../demo/settings.js';
import { earlyBeats, ROUNDING_MS } from './beats.js';
import { events } from './page-log.js';
import type { ServedAsk, ServerLog } from './server-log.js';

export { gaps, quietFor } from './beats.js';

/**
 * An access token of 6 s is due after 4.2 s, counted from when the server asked for it. The
 * provider notes its grants a moment later, and on a busy machine not by the same moment each; two
 * grants where one was due would be no second apart.
 */
export const GRANTS_APART_MS = 3_000;

/**
 * Every beat that the server saw is one that this page was told of, and follows the one before by
 * the interval, or sooner only where the server's own `nextBeatIn` asked for that. By the instants
 * at which they were sent: no busy machine changes those.
 */
export async function expectOneBeatPerInterval(page: Page, server: ServerLog, settings: DemoSettings): Promise<void> {
  // One may be on its way: told of, and not arrived yet, or the other way round.
  await expect
    .poll(async () => (await events(page, 'beat')).length - server.beats.length, {
      message: `the beats that the page was told of, beyond the ${server.beats.length} that the server saw`,
    })
    .toBe(0);
  expect(earlyBeats(await events(page, 'beat'), server, settings)).toEqual([]);
}

/**
 * Nobody has asked again before an answer's `Retry-After` was over. Returns how many such answers
 * were followed by a beat.
 */
export function expectRetryAfterObeyed(beats: readonly ServedAsk[]): number {
  const waits = beats.flatMap(({ answer }, index) => {
    const next = beats[index + 1];
    if (!answer || answer.retryAfter === null || !next) return [];
    return [{ waited: next.arrivedAt - answer.at, asked: answer.retryAfter * 1_000 }];
  });
  expect(waits.filter(({ waited, asked }) => waited < asked - ROUNDING_MS)).toEqual([]);
  return waits.length;
}
