import type { Ask, Outcome, SkipReason } from '../protocol.js';
import { heldUntil } from './backoff.js';
import { bucketFreeAt } from './bucket.js';
import { dueAt, isPresent, isUnreported } from './schedule.js';
import type { State } from './state.js';
import type { Why } from './why.js';

/** Why an ordinary beat is not to go out for this ask (rules 1 and 3). */
function whyNotDue(state: State, { kind, visible }: Ask, at: number): SkipReason | false {
  if (state.status !== 'active') return state.status === 'signed-out' ? 'signed-out' : 'over';
  if (!visible && kind !== 'touch') return 'hidden';
  if (at < dueAt(state)) return 'not-due';
  if (!isPresent(state, at)) return 'no-activity';
  return !isUnreported(state) && 'already-reported';
}

/** What holds a request back now: the server's order, our own back-off, or the bucket. */
function whyNotNow(state: State, at: number): SkipReason | false {
  if (at < heldUntil(state)) return state.notBefore.order ? 'retry-after' : 'back-off';
  return at < bucketFreeAt(state) && 'rate';
}

/**
 * Why a request is to go out for this ask, if one is, and why it is not to go out now: asked before
 * the lock is taken, and again under it.
 */
export function choose(state: State, ask: Ask, at: number): { why?: Why | 'due'; skipped: SkipReason | false } {
  const { why, tried } = state.wanted;
  const isAtOnce = !!why && (!tried || isPresent(state, at));
  const skipped = !isAtOnce && whyNotDue(state, ask, at);
  if (skipped) return { skipped };
  return { why: isAtOnce ? why : 'due', skipped: whyNotNow(state, at) };
}

/** How an ask ends that needs no request of its own. */
export function outcomeOf({ answered, status }: State, askedAt: number): Outcome {
  if (answered.at >= askedAt) return answered.outcome;
  return status === 'active' ? 'alive' : status === 'unknown' ? 'unavailable' : 'ended';
}
