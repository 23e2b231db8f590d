import { expect, type Page } from '@playwright/test';
import type { DemoSettings } from '../demo/settings.js';
import { events } from './page-log.js';
import type { ServedAsk, ServerLog } from './server-log.js';

/** A millisecond on one clock may be the next one on another: browsers round theirs. */
const ROUNDING_MS = 20;
/** The client's spread: at most a tenth earlier. */
const SPREAD = 0.9;

/**
 * An access token of 6 s is due after 4.2 s, counted from when the server asked for it. The provider notes its grants a moment later, and
 * on a busy machine not by the same moment each; two grants where one was due would be no second apart.
 */
export const GRANTS_APART_MS = 3_000;

const nextBeatIn = ({ answer }: ServedAsk): number =>
  typeof answer?.body.nextBeatIn === 'number' ? answer.body.nextBeatIn : Number.POSITIVE_INFINITY;

/**
 * Every beat that the server saw is one that this page was told of, and follows the one before by the interval, or sooner only where the
 * server's own `nextBeatIn` asked for that. By the instants at which they were sent: no busy machine changes those.
 */
export async function expectOneBeatPerInterval(page: Page, server: ServerLog, settings: DemoSettings): Promise<void> {
  // One may be on its way: told of, and not arrived yet, or the other way round.
  await expect
    .poll(async () => (await events(page, 'beat')).length - server.beats.length, {
      message: `the beats that the page was told of, beyond the ${server.beats.length} that the server saw`,
    })
    .toBe(0);
  const sent = await events(page, 'beat');
  const early = sent.flatMap(({ at }, index) => {
    const before = sent[index - 1];
    const ask = server.beats[index - 1];
    if (!before || !ask) return [];
    const least = Math.min(settings.beatIntervalSeconds, nextBeatIn(ask)) * 1_000 * SPREAD - ROUNDING_MS;
    return at - before.at < least ? [{ beat: index, after: at - before.at, least }] : [];
  });
  expect(early).toEqual([]);
}

/** Nobody has asked again before an answer's `Retry-After` was over. Returns how many such answers were followed by a beat. */
export function expectRetryAfterObeyed(beats: readonly ServedAsk[]): number {
  const waits = beats.flatMap(({ answer }, index) => {
    const next = beats[index + 1];
    if (!answer || answer.retryAfter === null || !next) return [];
    return [{ waited: next.arrivedAt - answer.at, asked: answer.retryAfter * 1_000 }];
  });
  expect(waits.filter(({ waited, asked }) => waited < asked - ROUNDING_MS)).toEqual([]);
  return waits.length;
}

/** The pauses between instants, in milliseconds. */
export const gaps = (instants: readonly number[]): number[] =>
  instants.slice(1).map((at, index) => at - (instants[index] ?? at));
