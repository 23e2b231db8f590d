import type { Answer } from './events.js';
import { beatSpan, endsAt } from './schedule.js';
import type { State } from './state.js';
import type { Why } from './why.js';

export const MAX_RETRY_AFTER_MS = 900_000;
/** The factor by which the longest wait grows after each failure. */
const GROWTH = 1.6;

/**
 * Returns the longest back-off after so many failures. It grows up to half of the session's usual
 * time between two beats. It is at most a quarter of the time that the session has left, so that
 * several attempts come before its end.
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
 * Decides when to try again (rule 6). The wait is at least the server's `Retry-After` (RFC 9110
 * section 10.2.3), of which at most 15 minutes or half of the idle limit count, plus up to half of
 * it by chance. The back-off is half fixed and half by chance, and is added to the range above a
 * `Retry-After` too. So a hundred thousand clients come back spread, and stay spread.
 */
export function holdBack(state: State, { retryAfter }: Answer, at: number, random: number): State['notBefore'] {
  const longest = longestWait(state, state.failures, at);
  // A longer wait would end the session of a user who is there.
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
 * Returns how long a request may take. Near the session's end there must be time for another one.
 * An engine waits equally long for the lock, and then goes on without it: the holder may stand
 * still, as a page with an open dialog does.
 */
export const patience = (state: State, at: number): number => {
  const left = endsAt(state) - at;
  return Math.ceil(Math.min(state.settings.requestTimeout, left > 0 ? left / 1.5 : Infinity));
};

/**
 * Tells if the user caused this request, by asking for it or by signing in. Pages may be concealed
 * until its answer comes.
 */
const BY_THE_USER: readonly (Why | null)[] = ['extend', 'changed', 'signed-in'];

/**
 * Returns the instant until which a request must wait. A request that the user caused passes the
 * back-off once, but never the server's `Retry-After`.
 */
export const heldUntil = ({ notBefore: { at, span, order }, wanted: { why, tried } }: State): number =>
  at + (BY_THE_USER.includes(why) && !tried ? order : span);
