import type { Answer } from './events.js';
import type { State } from './state.js';

const MAX_RETRY_AFTER_MS = 900_000;

/**
 * Rule 6, when to try again. The server's order is a floor, plus up to half of itself, at most 15 minutes (RFC 9110 section 10.2.3). Our own
 * pace is half fixed, half by chance, so that a hundred thousand clients do not come back as one.
 */
export function holdBack(
  { settings: { interval, minInterval }, failures }: State,
  { retryAfter }: Answer,
  at: number,
  random: number,
): State['notBefore'] {
  const most = retryAfter ? MAX_RETRY_AFTER_MS : interval;
  const least = retryAfter || Math.min(interval, minInterval * 2 ** failures) / 2;
  const span = Math.max(minInterval, Math.min(most, least + random * (retryAfter ? least / 2 : least)));
  return { at: at + span, span, isOrder: !!retryAfter };
}

/** Until when a request must wait. `extend()` and the network's return pass our own back-off, never the server's order. */
export const heldUntil = ({ notBefore: { at, isOrder } }: State, passesBackOff: boolean): number =>
  passesBackOff && !isOrder ? 0 : at;
