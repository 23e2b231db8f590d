import type { State } from './state.js';

/** Rule 8: so many attempts at once, then one per `minInterval`. */
export const BURST = 3;

/** When the next attempt may leave. */
export const bucketFreeAt = ({ attemptedAt, settings }: State): number => attemptedAt + settings.minInterval;

/**
 * The bucket after one more attempt (a generic cell rate algorithm): it moves on by `minInterval`,
 * from no further back than a burst.
 */
export const chargeBucket = ({ attemptedAt, settings: { minInterval } }: State, at: number): number =>
  Math.max(attemptedAt, at - BURST * minInterval) + minInterval;
