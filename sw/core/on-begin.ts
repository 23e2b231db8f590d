import { patience } from './backoff.js';
import { chargeBucket } from './bucket.js';
import { choose, outcomeOf } from './choose.js';
import type { CoreEvent, Step } from './events.js';
import { isPresent, isUnreported } from './schedule.js';
import type { State } from './state.js';

/**
 * Decides under the lock if the request is still needed. Another engine may have sent it while this
 * one waited, or the session may have ended. The attempt is counted and saved before the request
 * leaves, so that it counts even if the worker is killed.
 */
export function onBegin(
  state: State,
  { ask, askedAt, at, checkable, isPassed }: Extract<CoreEvent, { type: 'begin' }>,
): Step {
  const { answered, wanted, lastActivityAt, sentAt, unansweredAt } = state;
  const { why, skipped } = choose(state, ask, at);
  // A request that left after the ask and got no answer has failed for this ask too. So ten tabs
  // make one attempt.
  const hasFailed = answered.at >= askedAt && answered.outcome !== 'alive' && wanted.tried;
  // The holder of the lock does not stand still if its request may still be answered.
  const isAwaited = isPassed && at < sentAt + patience(state, sentAt);
  if (hasFailed || !why || isAwaited) return { state, outcome: outcomeOf(state, askedAt), skipped: 'joined' };
  if (skipped) return { state, outcome: 'unavailable', skipped };

  const ticket = state.ticket || at;
  const isCheck = why === 'check' || why === 'end';
  // A check reports no activity. If earlier requests got no answer, activity may be unreported, and
  // a check alone could end the session of a user who was there.
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
