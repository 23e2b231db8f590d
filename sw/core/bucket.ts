import type { State } from './state.js';

/** How many attempts may leave at once. After them, one may leave per `minInterval` (rule 8). */
export const BURST = 3;

/** Returns when the next attempt may leave. */
export const bucketFreeAt = ({ attemptedAt, settings }: State): number => attemptedAt + settings.minInterval;

/**
 * Returns the bucket after one more attempt (generic cell rate algorithm). It moves on by
 * `minInterval`, and starts at most one burst before now.
 */
export const chargeBucket = ({ attemptedAt, settings: { minInterval } }: State, at: number): number =>
  Math.max(attemptedAt, at - BURST * minInterval) + minInterval;
