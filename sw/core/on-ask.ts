import { choose, outcomeOf } from './choose.js';
import { endSession } from './end.js';
import type { CoreEvent, Step } from './events.js';
import { hurry } from './hurry.js';
import { endsAt } from './schedule.js';
import type { State } from './state.js';
import { want } from './wanted.js';
import type { Why } from './why.js';

/** A warning may be asked for this much before it is shown. */
const WARNING_SLACK_MS = 1_000;

type AskEvent = Extract<CoreEvent, { type: 'ask' }>;

/** What the page knows goes into the state, whatever is decided next. */
function note(state: State, { ask, at, askedAt, random }: AskEvent): State {
  const { kind, seen, settings, activityAge } = ask;
  const isActivity = kind === 'extend' || kind === 'signed-in';
  const lastActivityAt = Math.max(state.lastActivityAt, isActivity ? at : askedAt - activityAge);
  const wasAway = lastActivityAt - state.lastActivityAt > (state.facts.idleTimeout ?? Infinity) * 1_000;
  return {
    ...state,
    lastActivityAt,
    // An absence that would have ended the session anyway is no fault of the outage.
    unansweredAt: wasAway ? 0 : state.unansweredAt,
    settings: settings ?? state.settings,
    ...(kind === 'online' && { notBefore: hurry(state, at, random) }),
    ...(seen !== undefined && seen !== state.seen && { seen, ticket: 0 }),
    ...(/^signed/.test(kind) && { ticket: 0, refutedSeen: null }),
  };
}

/** Why this ask wants a request at once, if it does. */
function whyAtOnce(state: State, { ask: { kind, seen }, at, checkable }: AskEvent): Why | false {
  const { status, sessionId, refutedSeen, endedSessionId } = state;
  const isActive = status === 'active';
  if (kind === 'signed-in' || kind === 'extend') return kind;
  if (seen && ![sessionId, refutedSeen, endedSessionId].includes(seen)) return 'changed';
  if (kind === 'hello') return !isActive && kind;
  if (kind === 'unauthorized' || kind === 'check') return (isActive || status === 'unknown') && kind;
  if ((kind !== 'end' && kind !== 'warning') || !isActive || !checkable) return false;
  // Rule 9: one question for each end and one for each warning, whoever asks, and none where one
  // has left since.
  const from = endsAt(state) - (kind === 'end' ? 0 : state.settings.warnBefore + WARNING_SLACK_MS);
  return at >= from && state.answered.sentAt < from && 'end';
}

/**
 * A page asks. Decides whether a request is to be attempted; the lock comes next, and with it the
 * same question again.
 */
export function onAsk(before: State, event: AskEvent): Step {
  const { ask, at, askedAt } = event;
  const { sentAt, outcome } = before.answered;
  // The page stood still after it had asked: a later request has answered it, and what the page saw
  // is no longer so. (An answer of this very instant was drawn in, since the clock was set back.)
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
  // Nobody could confirm the end that was announced: the next activity beats at once.
  const isUnconfirmed = kind === 'end' && state.status === 'active' && at >= endsAt(state);
  if (isUnconfirmed) state.due = { at, span: 0 };
  return { state, outcome: why || isUnconfirmed ? 'unavailable' : outcomeOf(state, at), skipped };
}
