import type { State } from './state.js';

const MAX_RETRY_AFTER_MS = 900_000;

/** Rule 6, our own pace: half fixed, half by chance, so that a hundred thousand clients do not come back as one. */
export function backOff({ settings, failures }: State, at: number, random: number): NonNullable<State['notBefore']> {
  const ceiling = Math.min(settings.interval, settings.minInterval * 2 ** Math.min(failures, 30));
  const span = Math.max(settings.minInterval, ceiling / 2 + (random * ceiling) / 2);
  return { at: at + span, span, source: 'backoff' };
}

/** Rule 6, the server's order: a floor, plus up to half of itself, at most 15 minutes (RFC 9110 section 10.2.3), at least our own. */
export function serverOrder(
  { settings }: State,
  retryAfter: number,
  at: number,
  random: number,
): NonNullable<State['notBefore']> {
  const span = Math.max(settings.minInterval, Math.min(MAX_RETRY_AFTER_MS, retryAfter * (1 + random / 2)));
  return { at: at + span, span, source: 'server' };
}

/** Until when a request must wait, and why. `extend()` and the network's return pass our own back-off, never the server's order. */
export function heldBack(
  state: State,
  passesBackOff: boolean,
): { until: number; reason: 'retry-after' | 'back-off' } | null {
  const { notBefore } = state;
  if (!notBefore || (notBefore.source === 'backoff' && passesBackOff)) return null;
  return { until: notBefore.at, reason: notBefore.source === 'server' ? 'retry-after' : 'back-off' };
}
