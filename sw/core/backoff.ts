import type { Answer } from './events.js';
import type { State } from './state.js';

export const MAX_RETRY_AFTER_MS = 900_000;

/**
 * Rule 6, when to try again. The server's order is a floor, plus up to half of itself, at most 15 minutes (RFC 9110 section 10.2.3). Our own
 * pace is half fixed, half by chance, and widens what lies above an order too: a hundred thousand clients must not come back as one, nor be
 * one in all later cycles.
 */
export function holdBack(
  { settings: { interval, minInterval }, failures }: State,
  { retryAfter }: Answer,
  at: number,
  random: number,
): State['notBefore'] {
  const own = Math.min(interval, minInterval * 2 ** failures);
  const order = Math.min(MAX_RETRY_AFTER_MS, retryAfter * (1 + random / 2));
  const pace = retryAfter ? Math.min(MAX_RETRY_AFTER_MS, retryAfter + random * own) : (own / 2) * (1 + random);
  return { at, span: Math.max(minInterval, order, pace), order };
}

/** Until when a request must wait. `extend()` passes our own back-off, once, and never the server's order. */
export const heldUntil = ({ notBefore: { at, span, order }, wanted: { why, tried } }: State): number =>
  at + (why === 'extend' && !tried ? order : span);
