import { chargeBucket } from './bucket.js';
import { choose, outcomeOf } from './choose.js';
import type { CoreEvent, Step } from './events.js';
import { isPresent, isUnreported } from './schedule.js';
import type { State } from './state.js';

/**
 * Under the lock: is the request still needed? Somebody else may have made it while this one waited, or the session may have ended. The
 * attempt is charged and saved before it leaves, so that a kill cannot make it free.
 */
export function onBegin(state: State, { ask, askedAt, at, checkable }: Extract<CoreEvent, { type: 'begin' }>): Step {
  const { answered, wanted, lastActivityAt } = state;
  const { why, skipped } = choose(state, ask, at);
  // A request that got no answer since then has failed for this ask as well: ten tabs make one attempt, not ten.
  const hasFailed = answered.at >= askedAt && answered.outcome !== 'alive' && wanted.tried;
  if (hasFailed || !why) return { state, outcome: outcomeOf(state, askedAt), skipped: 'joined' };
  if (skipped) return { state, outcome: 'unavailable', skipped };

  const ticket = state.ticket || at;
  const isQuestion = why === 'check' || why === 'end';
  const isThere = why === 'extend' || why === 'signed-in' || isPresent(state, at);
  const reports = isThere && isUnreported(state) && !isQuestion && why !== 'unauthorized';
  return {
    state: { ...state, ticket, attemptedAt: chargeBucket(state, at) },
    outcome: 'unavailable',
    flight: {
      kind: isQuestion && checkable ? 'check' : 'beat',
      activity: reports ? 'user' : 'none',
      idleMs: at - (lastActivityAt || at),
      activityAt: reports ? lastActivityAt : 0,
      sentAt: at,
      online: ask.online,
      ticket,
      why,
    },
  };
}
