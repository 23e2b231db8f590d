import type { Ask, Outcome, SkipReason } from '../protocol.js';
import { heldUntil } from './backoff.js';
import { bucketFreeAt } from './bucket.js';
import { dueAt, isPresent, isUnreported } from './schedule.js';
import type { State } from './state.js';
import type { Why } from './why.js';

/** Returns why no ordinary beat goes out for this ask, or `false` if one does (rules 1 and 3). */
function whyNotDue(state: State, { kind, visible }: Ask, at: number): SkipReason | false {
  if (state.status !== 'active') return state.status === 'signed-out' ? 'signed-out' : 'over';
  if (!visible && kind !== 'touch') return 'hidden';
  if (at < dueAt(state)) return 'not-due';
  if (!isPresent(state, at)) return 'no-activity';
  return !isUnreported(state) && 'already-reported';
}

/** Returns what holds a request back now: a `Retry-After`, the back-off, or the bucket. */
function whyNotNow(state: State, at: number): SkipReason | false {
  if (at < heldUntil(state)) return state.notBefore.order ? 'retry-after' : 'back-off';
  return at < bucketFreeAt(state) && 'rate';
}

/**
 * Decides if a request is to go out for this ask, and if it may go out now. It is called before the
 * lock is taken, and again under the lock.
 */
export function choose(state: State, ask: Ask, at: number): { why?: Why | 'due'; skipped: SkipReason | false } {
  const { why, tried } = state.wanted;
  const isAtOnce = !!why && (!tried || isPresent(state, at));
  const skipped = !isAtOnce && whyNotDue(state, ask, at);
  if (skipped) return { skipped };
  return { why: isAtOnce ? why : 'due', skipped: whyNotNow(state, at) };
}

/** Returns the outcome of an ask that needs no request of its own. */
export function outcomeOf({ answered, status }: State, askedAt: number): Outcome {
  if (answered.at >= askedAt) return answered.outcome;
  return status === 'active' ? 'alive' : status === 'unknown' ? 'unavailable' : 'ended';
}
