import type { Outcome, SkipReason } from '../protocol.js';
import { chargeBucket } from './bucket.js';
import type { CoreEvent, Flight, RefreshRequest, Step } from './events.js';
import { isWaiting, outcomeOf, whyNotDue, whyNotNow } from './on-ask.js';
import { isPresent, isUnreported, wakeAt } from './schedule.js';
import type { State } from './state.js';

type BeginEvent = Extract<CoreEvent, { type: 'begin' }>;

/**
 * Under the lock: is the request still needed? Somebody else may have made it while this one waited, or the session may have ended. The
 * attempt is charged and saved before it leaves, so that a kill cannot make it free.
 */
export function onBegin(state: State, { attempt, at, checkable }: BeginEvent): Step {
  const { ask, askedAt } = attempt;
  const skip = (outcome: Outcome, reason: SkipReason, until: number | null): Step => ({
    state,
    effects: [{ type: 'settle', outcome, skipped: reason }],
    events: [{ type: 'skip', at, tab: ask.tab, ask: ask.kind, reason, until }],
  });

  const { wanted, answered } = state;
  const due = attempt.why === 'due' && !whyNotDue(state, { ask, at });
  // A request that got no answer since then has failed for this ask as well: ten tabs make one attempt, not ten.
  const failed = answered !== null && answered.at >= askedAt && answered.outcome !== 'alive' && wanted?.tried !== false;
  const waits = isWaiting(state, at);
  if (failed || (!due && waits)) return skip(outcomeOf(state, askedAt), 'joined', wakeAt(state));
  const why = waits ? 'due' : (wanted?.why ?? 'due');
  const held = whyNotNow(state, why, ask.kind, at);
  if (held) return skip('unavailable', held.reason, held.until);

  const kind = why === 'check' && checkable ? 'check' : 'beat';
  const isThere = why === 'extend' || why === 'signed-in' || isPresent(state, at);
  const isNew = state.lastActivityAt === null || isUnreported(state);
  const reports = isThere && isNew && why !== 'unauthorized' && why !== 'check';
  const activityAt = reports ? (state.lastActivityAt ?? at) : null;
  const flight: Flight = {
    ...state.epoch,
    seen: state.seen,
    sentAt: at,
    why,
    ask: ask.kind,
    activityAt,
    kind,
    online: ask.online,
  };
  const idleMs = activityAt === null ? at - (state.lastActivityAt ?? at) : at - activityAt;
  const activity = reports ? 'user' : 'none';
  const request: RefreshRequest = kind === 'check' ? { kind } : { kind, activity, idleMs };
  return {
    state: { ...state, attemptedAt: chargeBucket(state, at) },
    effects: [{ type: 'send', flight, request }],
    events: [
      kind === 'check' ? { type: 'check', at, ask: ask.kind } : { type: 'beat', at, ask: ask.kind, activity, idleMs },
    ],
  };
}
