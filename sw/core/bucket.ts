import type { State } from './state.js';

/** Rule 8: so many attempts at once, then one per `minInterval`. */
export const BURST = 3;

/** When the next attempt may leave. */
export function bucketFreeAt({ attemptedAt, settings }: State): number {
  return attemptedAt === null ? 0 : attemptedAt - (BURST - 1) * settings.minInterval;
}

/** The bucket after one more attempt (a generic cell rate algorithm: one instant says it all). */
export function chargeBucket({ attemptedAt, settings }: State, at: number): number {
  return Math.max(attemptedAt ?? at, at) + settings.minInterval;
}
