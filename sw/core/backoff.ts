import type { Answer } from './events.js';
import { beatSpan, endsAt } from './schedule.js';
import type { State } from './state.js';
import type { Why } from './why.js';

export const MAX_RETRY_AFTER_MS = 900_000;
/** How much longer the next wait may be after each failure. */
const GROWTH = 1.6;

/**
 * The longest wait of our own after so many failures: it grows up to half of the session's usual
 * time between two beats. It takes a quarter of what the session has left at most, so that several
 * attempts come before its end.
 */
export function longestWait(state: State, failures: number, at: number): number {
  const left = endsAt(state) - at;
  const { minInterval } = state.settings;
  return Math.min(
    beatSpan(state, state.facts, 0) / 2,
    minInterval * GROWTH ** failures,
    left > 0 ? left / 4 : Infinity,
  );
}

/**
 * Rule 6, when to try again. The server's order is a floor, plus up to half of itself, at most
 * 15 minutes (RFC 9110 section 10.2.3) or half of the idle limit. Our own pace is half fixed, half
 * by chance, and widens the room above an order too: a hundred thousand clients must not come back
 * as one, nor be one in all later cycles.
 */
export function holdBack(state: State, { retryAfter }: Answer, at: number, random: number): State['notBefore'] {
  const longest = longestWait(state, state.failures, at);
  // A longer wait would end the session of a user that is there.
  const most = Math.min(MAX_RETRY_AFTER_MS, (state.facts.idleTimeout ?? Infinity) * 500);
  const order = Math.min(most, retryAfter * (1 + random / 2));
  const pace = retryAfter ? retryAfter + random * 2 * longest : (longest / 2) * (1 + random);
  return {
    at,
    span: Math.min(most, Math.max(Math.min(state.settings.minInterval, 2 * longest), order, pace)),
    order,
  };
}

/**
 * How long a request may take: near the end there must be time for another one. As long an engine
 * waits for the lock before it goes on without it: its holder may stand still, as a page does with
 * a dialog open.
 */
export const patience = (state: State, at: number): number => {
  const left = endsAt(state) - at;
  return Math.ceil(Math.min(state.settings.requestTimeout, left > 0 ? left / 1.5 : Infinity));
};

/**
 * Caused by a user, who asks for it or has just signed in: until the answer comes, pages are
 * concealed.
 */
const BY_THE_USER: readonly (Why | null)[] = ['extend', 'changed', 'signed-in'];

/**
 * Until when a request must wait. What a user does passes our own back-off, once, and never the
 * server's order.
 */
export const heldUntil = ({ notBefore: { at, span, order }, wanted: { why, tried } }: State): number =>
  at + (BY_THE_USER.includes(why) && !tried ? order : span);
