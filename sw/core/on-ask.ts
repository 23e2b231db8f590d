import { choose, outcomeOf } from './choose.js';
import { endSession } from './end.js';
import type { CoreEvent, Step } from './events.js';
import { hurry } from './hurry.js';
import { endsAt } from './schedule.js';
import type { State } from './state.js';
import { want } from './wanted.js';
import type { Why } from './why.js';

/** A page may ask about a warning this many milliseconds before it shows the warning. */
const WARNING_SLACK_MS = 1_000;

type AskEvent = Extract<CoreEvent, { type: 'ask' }>;

/** Takes what the page knows into the state, before anything is decided. */
function note(state: State, { ask, at, askedAt, random }: AskEvent): State {
  const { kind, seen, settings, activityAge } = ask;
  const isActivity = kind === 'extend' || kind === 'signed-in';
  const lastActivityAt = Math.max(state.lastActivityAt, isActivity ? at : askedAt - activityAge);
  const wasAway = lastActivityAt - state.lastActivityAt > (state.facts.idleTimeout ?? Infinity) * 1_000;
  return {
    ...state,
    lastActivityAt,
    // The user was away for longer than the idle limit. Then the outage did not end the session.
    unansweredAt: wasAway ? 0 : state.unansweredAt,
    settings: settings ?? state.settings,
    ...(kind === 'online' && { notBefore: hurry(state, at, random) }),
    ...(seen !== undefined && seen !== state.seen && { seen, ticket: 0 }),
    ...(/^signed/.test(kind) && { ticket: 0, refutedSeen: null }),
  };
}

/** Returns why this ask wants a request at once, or `false` if it does not. */
function whyAtOnce(state: State, { ask: { kind, seen }, at, checkable }: AskEvent): Why | false {
  const { status, sessionId, refutedSeen, endedSessionId } = state;
  const isActive = status === 'active';
  if (kind === 'signed-in' || kind === 'extend') return kind;
  if (seen && ![sessionId, refutedSeen, endedSessionId].includes(seen)) return 'changed';
  if (kind === 'hello') return !isActive && kind;
  if (kind === 'unauthorized' || kind === 'check') return (isActive || status === 'unknown') && kind;
  if ((kind !== 'end' && kind !== 'warning') || !isActive || !checkable) return false;
  // Rule 9: one check for each end and one for each warning, from all pages together, and none if a
  // request has left since.
  const from = endsAt(state) - (kind === 'end' ? 0 : state.settings.warnBefore + WARNING_SLACK_MS);
  return at >= from && state.answered.sentAt < from && 'end';
}

/**
 * Decides if a page's ask needs a request. If it does, the engine takes the lock and decides again.
 */
export function onAsk(before: State, event: AskEvent): Step {
  const { ask, at, askedAt } = event;
  const { sentAt, outcome } = before.answered;
  // The page stood still after it had asked. A later request has answered it, and the session that
  // the page saw is out of date. (If the request left at this very instant, the clock was set back:
  // its instant was set to now.)
  if (askedAt < sentAt && sentAt < at) return { state: before, outcome, skipped: 'joined' };
  const { kind, seen } = ask;
  const state = note(before, event);
  const isSignOut = kind === 'signed-out';
  if (isSignOut || (seen === null && kind !== 'signed-in')) {
    const isOver = !isSignOut && state.status === 'expired';
    return {
      state: isOver ? state : endSession(state, 'signed-out', null, seen),
      outcome: 'ended',
      skipped: 'signed-out',
    };
  }

  const atOnce = whyAtOnce(state, event);
  if (atOnce) state.wanted = want(state.wanted.why, atOnce, at);
  const { why, skipped } = choose(state, ask, at);
  if (!skipped) return { state, outcome: 'unavailable', attempt: true };
  // The announced end could not be confirmed. The next activity sends a beat at once.
  const isUnconfirmed = kind === 'end' && state.status === 'active' && at >= endsAt(state);
  if (isUnconfirmed) state.due = { at, span: 0 };
  return { state, outcome: why || isUnconfirmed ? 'unavailable' : outcomeOf(state, at), skipped };
}
