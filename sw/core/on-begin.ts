import { patience } from './backoff.js';
import { chargeBucket } from './bucket.js';
import { choose, outcomeOf } from './choose.js';
import type { CoreEvent, Step } from './events.js';
import { isPresent, isUnreported } from './schedule.js';
import type { State } from './state.js';

/**
 * Under the lock: is the request still needed? Somebody else may have made it while this one
 * waited, or the session may have ended. The attempt is charged and saved before it leaves, so that
 * a kill cannot make it free.
 */
export function onBegin(
  state: State,
  { ask, askedAt, at, checkable, isPassed }: Extract<CoreEvent, { type: 'begin' }>,
): Step {
  const { answered, wanted, lastActivityAt, sentAt, unansweredAt } = state;
  const { why, skipped } = choose(state, ask, at);
  // A request that got no answer since then has failed for this ask as well: ten tabs make one
  // attempt, not ten.
  const hasFailed = answered.at >= askedAt && answered.outcome !== 'alive' && wanted.tried;
  // A holder whose request may still be answered does not stand still.
  const isAwaited = isPassed && at < sentAt + patience(state, sentAt);
  if (hasFailed || !why || isAwaited) return { state, outcome: outcomeOf(state, askedAt), skipped: 'joined' };
  if (skipped) return { state, outcome: 'unavailable', skipped };

  const ticket = state.ticket || at;
  const isCheck = why === 'check' || why === 'end';
  // A question tells of nobody. But where activity could not be told for want of an answer, a
  // question alone would end a session of a user who was there.
  const isAct = why === 'extend' || why === 'signed-in' || isPresent(state, at);
  const isTold = isCheck || why === 'unauthorized' ? unansweredAt : isAct;
  const reports = isTold && isUnreported(state);
  return {
    state: { ...state, ticket, sentAt: at, attemptedAt: chargeBucket(state, at) },
    outcome: 'unavailable',
    flight: {
      kind: isCheck && checkable && !reports ? 'check' : 'beat',
      activity: reports ? 'user' : 'none',
      idleMs: at - (lastActivityAt || at),
      unansweredMs: unansweredAt && at - unansweredAt,
      activityAt: reports ? lastActivityAt : 0,
      sentAt: at,
      online: ask.online,
      tab: ask.tab,
      ticket,
      why,
    },
  };
}
