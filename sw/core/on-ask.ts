import type { AskKind, Outcome, SkipReason } from '../protocol.js';
import { heldBack } from './backoff.js';
import { bucketFreeAt } from './bucket.js';
import { endSession } from './end.js';
import type { CoreEvent, Step } from './events.js';
import { endsAt, isPresent, isUnreported, wakeAt } from './schedule.js';
import type { State, Wanted, Why } from './state.js';

const STRENGTH: Record<Why, number> = {
  'signed-in': 5,
  changed: 4,
  again: 4,
  extend: 3,
  hello: 2,
  unauthorized: 1,
  check: 0,
};

/** A warning may be asked for this much before it is shown. */
const WARNING_SLACK_MS = 1_000;

type AskEvent = Extract<CoreEvent, { type: 'ask' }>;

/** The stronger of what is wanted already and what is asked now, to be answered by a request that leaves after both. */
export function want(state: State, why: Why, ask: AskKind, at: number): Wanted {
  const { wanted } = state;
  const stronger = wanted && STRENGTH[wanted.why] > STRENGTH[why] ? wanted : { why, ask };
  return { why: stronger.why, ask: stronger.ask, at, tried: false };
}

/** How an ask ends that needs no request of its own. */
export function outcomeOf(state: State, askedAt: number): Outcome {
  if (state.answered && state.answered.at >= askedAt) return state.answered.outcome;
  if (state.status === 'active') return 'alive';
  return state.status === 'unknown' ? 'unavailable' : 'ended';
}

/** Whether an ordinary beat is to go out for this ask (rules 1 and 3), or why not. */
export function whyNotDue(state: State, { ask, at }: Pick<AskEvent, 'ask' | 'at'>): SkipReason | null {
  if (state.status !== 'active') return state.status === 'signed-out' ? 'signed-out' : 'over';
  if (!ask.visible && ask.kind !== 'touch') return 'hidden';
  if (at < (state.dueAt ?? 0)) return 'not-due';
  if (!isPresent(state, at)) return 'no-activity';
  return isUnreported(state) ? null : 'already-reported';
}

/** Whether nothing is wanted at once, or only what waits for a user who is there. */
export function isWaiting(state: State, at: number): boolean {
  return !state.wanted || (state.wanted.tried && !isPresent(state, at));
}

/** What holds a request back now: the server's order, our own back-off, or the bucket. */
export function whyNotNow(
  state: State,
  why: Why | 'due',
  ask: AskKind,
  at: number,
): { reason: SkipReason; until: number } | null {
  const held = heldBack(state, why === 'extend' || ask === 'online');
  if (held && at < held.until) return held;
  const until = bucketFreeAt(state);
  return at < until ? { reason: 'rate', until } : null;
}

/** Rule 9: whether a page's question about the known end still needs the server; one question for each end, whoever asks. */
function isCheckNeeded(state: State, kind: AskKind, at: number): boolean {
  const end = endsAt(state);
  if (state.status !== 'active' || end === null) return false;
  if (kind === 'end') return at >= end && (state.checkedAt ?? -1) < end;
  const from = end - state.settings.warnBefore - WARNING_SLACK_MS;
  return at >= from && Math.max(state.checkedAt ?? -1, state.lastBeatAt ?? -1) < from;
}

/** Why this ask wants a request at once, if it does. */
function whyAtOnce(state: State, { ask, at, checkable }: AskEvent): Why | null {
  const { kind, seen } = ask;
  const over = state.status === 'expired' || state.status === 'signed-out';
  if (kind === 'signed-in' || kind === 'extend') return kind;
  const known = seen === state.sessionId || seen === state.refutedSeen || seen === state.endedSessionId;
  if (typeof seen === 'string' && !known) return 'changed';
  if (kind === 'hello') return state.status === 'active' ? null : 'hello';
  if (kind === 'unauthorized' || kind === 'check') return over ? null : kind;
  if (kind === 'end' || kind === 'warning') return checkable && isCheckNeeded(state, kind, at) ? 'check' : null;
  return null;
}

/** What the page knows goes into the state, whatever is decided next. */
function note(state: State, { ask, at }: AskEvent): State {
  const { kind, seen, settings } = ask;
  const isActivity =
    kind === 'extend' || kind === 'signed-in' || kind === 'touch' || (kind === 'visible' && ask.visible);
  const age = isActivity ? 0 : ask.activityAge;
  const lastActivityAt = age === null ? state.lastActivityAt : Math.max(state.lastActivityAt ?? 0, at - age);
  return {
    ...state,
    lastActivityAt,
    settings: settings ?? state.settings,
    seen: seen === undefined ? state.seen : seen,
    ...((kind === 'signed-in' || kind === 'signed-out') && { signedInAt: at, refutedSeen: null }),
  };
}

/** A page asks. Decides whether a request is to be attempted; the lock comes next, and with it the same question again. */
export function onAsk(before: State, event: AskEvent): Step {
  const { ask, at } = event;
  const { kind, tab } = ask;
  const ping = { type: 'ping', at, tab, ask: kind } as const;
  let state = note(before, event);
  const skip = (outcome: Outcome, reason: SkipReason, until: number | null = null): Step => ({
    state,
    effects: [{ type: 'settle', outcome, skipped: reason }],
    events: [ping, { type: 'skip', at, tab, ask: kind, reason, until }],
  });

  if (kind === 'signed-out' || (ask.seen === null && kind !== 'signed-in')) {
    const explicit = kind === 'signed-out';
    if (!explicit && state.status === 'expired') return skip('ended', 'over');
    const end = endSession(state, at, 'signed-out', null, null);
    return {
      state: end.state,
      effects: [{ type: 'settle', outcome: 'ended', skipped: 'signed-out' }],
      events: [ping, ...end.events, { type: 'skip', at, tab, ask: kind, reason: 'signed-out', until: null }],
    };
  }

  const atOnce = whyAtOnce(state, event);
  if (atOnce) state = { ...state, wanted: want(state, atOnce, kind, at) };
  const { wanted } = state;
  const waits = isWaiting(state, at);
  const notDue = waits ? whyNotDue(state, event) : null;
  if (notDue) {
    const unconfirmed = kind === 'end' && state.status === 'active' && at >= (endsAt(state) ?? Infinity);
    if (unconfirmed) state = { ...state, dueAt: Math.min(state.dueAt ?? at, at) };
    return skip(unconfirmed ? 'unavailable' : outcomeOf(state, at), notDue, wakeAt(state));
  }
  const why = waits ? 'due' : (wanted?.why ?? 'due');
  const held = whyNotNow(state, why, kind, at);
  if (held) return skip('unavailable', held.reason, held.until);
  return { state, effects: [{ type: 'attempt', attempt: { ask, why, askedAt: at } }], events: [ping] };
}
