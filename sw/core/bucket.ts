import type { State } from './state.js';

/** Rule 8: so many attempts at once, then one per `minInterval`. */
export const BURST = 3;

/** When the next attempt may leave. */
export const bucketFreeAt = ({ attemptedAt, settings }: State): number =>
  attemptedAt - (BURST - 1) * settings.minInterval;

/** The bucket after one more attempt (a generic cell rate algorithm: one instant says it all). */
export const chargeBucket = ({ attemptedAt, settings }: State, at: number) => ({
  attemptedAt: Math.max(attemptedAt, at) + settings.minInterval,
  attemptedSpan: BURST * settings.minInterval,
});
