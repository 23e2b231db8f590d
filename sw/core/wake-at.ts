import { heldUntil } from './backoff.js';
import { bucketFreeAt } from './bucket.js';
import { dueAt } from './schedule.js';
import type { State } from './state.js';

/**
 * Returns the instant before which there is nothing to do. `Infinity` while no activity can cause a
 * beat.
 */
export function wakeAt(state: State): number {
  const { why, at } = state.wanted;
  if (!why && state.status !== 'active') return Infinity;
  return Math.max(why ? at : dueAt(state), bucketFreeAt(state), heldUntil(state));
}
