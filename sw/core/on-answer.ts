import type { AliveFacts } from '../../server/contract.js';
import type { Ask, AskKind, EngineEvent, Outcome } from '../protocol.js';
import { backOff, serverOrder } from './backoff.js';
import { endSession } from './end.js';
import type { Answer, CoreEvent, Effect, Flight, Step } from './events.js';
import { want } from './on-ask.js';
import { beatSpan } from './schedule.js';
import type { State, Wanted } from './state.js';

type AnswerEvent = Extract<CoreEvent, { type: 'answer' }>;
type Part = { state: State; events: EngineEvent[]; outcome: Outcome };

/** A server that says "alive" leaves at least this, whatever its rounding: otherwise a check at the end would never learn the end. */
const LEAST_LEFT_MS = 1_000;

/** Whether an answer's facts are about what is true now (rule 5). */
function isStale({ epoch, seen, signedInAt }: State, flight: Flight): boolean {
  if (flight.store !== epoch.store || flight.n !== epoch.n || flight.seen !== seen) return true;
  return signedInAt !== null && flight.sentAt < signedInAt;
}

/** The server's limits, on this device's clock, counted from when the request was sent. */
function limits(state: State, facts: AliveFacts, sentAt: number): Partial<State> {
  const span = (seconds: number | null | undefined) => Math.max(LEAST_LEFT_MS, (seconds ?? 0) * 1_000);
  const instant = (seconds: number | null | undefined, before: number | null) =>
    seconds === undefined ? before : seconds === null ? null : sentAt + span(seconds);
  const { accessTokenExpiresIn, idleExpiresIn, absoluteExpiresIn, idleTimeout } = facts;
  return {
    accessTokenExpiresAt: instant(accessTokenExpiresIn, state.accessTokenExpiresAt),
    accessTokenSpan: accessTokenExpiresIn == null ? state.accessTokenSpan : span(accessTokenExpiresIn),
    idleExpiresAt: instant(idleExpiresIn, state.idleExpiresAt),
    idleSpan: idleExpiresIn == null ? state.idleSpan : span(idleExpiresIn),
    absoluteExpiresAt: instant(absoluteExpiresIn, state.absoluteExpiresAt),
    absoluteSpan: absoluteExpiresIn == null ? state.absoluteSpan : span(absoluteExpiresIn),
    idleTimeout: idleTimeout == null ? state.idleTimeout : idleTimeout * 1_000,
  };
}

const laterOf = (a: number | null, b: number | null) => (b === null ? a : Math.max(a ?? 0, b));

/** Whether what is wanted ends with this flight: it left after the ask, or the ask was about the known end, which any answer settles. */
function isSettled(wanted: Wanted | null, { sentAt }: Flight): wanted is Wanted {
  return wanted !== null && (wanted.at <= sentAt || (wanted.why === 'check' && wanted.ask !== 'check'));
}

/** 200: the session lives (rules 2 and 7). */
function alive(state: State, facts: AliveFacts, { flight, at, random }: AnswerEvent): Part {
  const sentAt = Math.min(flight.sentAt, at);
  const sessionId =
    facts.sessionId ?? (state.status === 'active' && !flight.seen ? state.sessionId : (flight.seen ?? null));
  const isNew = state.status !== 'active' || sessionId !== state.sessionId;
  const base: State = isNew
    ? {
        ...state,
        lastBeatAt: null,
        accessTokenExpiresAt: null,
        idleExpiresAt: null,
        absoluteExpiresAt: null,
        dueAt: null,
      }
    : state;
  const user = facts.user ?? (isNew ? null : state.user);
  const span = beatSpan(state, facts, random);
  const slides = base.dueAt === null || (flight.kind === 'beat' && flight.activityAt !== null);
  const refuted = typeof flight.seen === 'string' && flight.seen !== sessionId;
  return {
    state: {
      ...base,
      ...limits(base, facts, sentAt),
      status: 'active',
      reason: null,
      epoch: isNew ? { ...state.epoch, n: state.epoch.n + 1 } : state.epoch,
      sessionId,
      user,
      refutedSeen: refuted ? (flight.seen ?? null) : null,
      notBefore: null,
      failures: 0,
      wanted: isSettled(state.wanted, flight) ? null : state.wanted,
      reportedActivityAt: laterOf(state.reportedActivityAt, flight.activityAt),
      ...(flight.kind === 'beat' && { lastBeatAt: sentAt }),
      ...(slides && { dueAt: sentAt + span, dueSpan: span }),
    },
    events: isNew
      ? [{ type: 'session', at, sessionId, userChanged: state.user !== null && user !== null && user !== state.user }]
      : [],
    outcome: 'alive',
  };
}

/** 401: the session is over, unless the answer speaks of another one than the current (rule 5). */
function over(state: State, answer: Extract<Answer, { kind: 'over' }>, { flight, at }: AnswerEvent): Part {
  const { sessionId: judged, reason } = answer;
  const current = [state.sessionId, state.seen];
  const another = judged !== null && current.some((id) => id != null) && !current.includes(judged);
  if (another && flight.why !== 'again') {
    return {
      state: { ...state, wanted: want({ ...state, wanted: null }, 'again', flight.ask, at) },
      events: [],
      outcome: 'unavailable',
    };
  }
  const status = reason === 'no_session' ? 'signed-out' : 'expired';
  return { ...endSession(state, at, status, reason, judged ?? flight.seen ?? null), outcome: 'ended' };
}

/** Rule 6: no answer about the session. It stays due, for a user who is there when the pace allows. */
function unanswered(
  state: State,
  answer: Extract<Answer, { kind: 'later' | 'failed' }>,
  { flight, at, random }: AnswerEvent,
): Part {
  const ordered =
    answer.kind === 'later' && answer.retryAfter !== null ? serverOrder(state, answer.retryAfter, at, random) : null;
  const recorded =
    answer.kind === 'later' && answer.facts.sessionId != null && answer.facts.sessionId === state.sessionId;
  const { wanted } = state;
  const stays =
    state.status !== 'active' || wanted?.why === 'changed' || wanted?.why === 'signed-in' || wanted?.why === 'again';
  return {
    state: {
      ...state,
      ...(recorded && answer.kind === 'later' && limits(state, answer.facts, Math.min(flight.sentAt, at))),
      ...(recorded && { reportedActivityAt: laterOf(state.reportedActivityAt, flight.activityAt) }),
      notBefore: ordered ?? backOff(state, at, random),
      failures: state.failures + 1,
      wanted: isSettled(wanted, flight) ? (stays ? { ...wanted, tried: true } : null) : wanted,
      dueAt: state.status === 'active' ? Math.min(state.dueAt ?? at, at) : state.dueAt,
    },
    events: [],
    outcome: answer.kind === 'failed' && answer.code === 'network' && !flight.online ? 'offline' : 'unavailable',
  };
}

function judge(state: State, event: AnswerEvent): Part {
  const { answer } = event;
  if (answer.kind === 'alive') return alive(state, answer.facts, event);
  if (answer.kind === 'over') return over(state, answer, event);
  return unanswered(state, answer, event);
}

/** An answer has come, or none in time. */
export function onAnswer(before: State, event: AnswerEvent): Step {
  const { flight, answer, at, random } = event;
  const stale = isStale(before, flight);
  const order =
    answer.kind === 'later' && answer.retryAfter !== null
      ? serverOrder(before, answer.retryAfter, at, random)
      : before.notBefore;
  const part: Part = stale
    ? { state: { ...before, notBefore: order }, events: [], outcome: 'unavailable' }
    : judge(before, event);
  const checked = flight.kind === 'check' && !stale ? { checkedAt: Math.min(flight.sentAt, at) } : {};
  const state: State = { ...part.state, ...checked, answered: stale ? before.answered : { at, outcome: part.outcome } };
  const code = answer.kind === 'alive' ? 'ok' : answer.kind === 'over' ? (answer.reason ?? 'over') : answer.code;
  const refreshed = answer.kind === 'alive' && answer.facts.refreshed === true;
  const { wanted } = state;
  // What could not be answered by this flight goes out next, under the same lock.
  const effects: Effect[] =
    wanted && !wanted.tried
      ? [{ type: 'attempt', attempt: { ask: followUp(flight, wanted.ask), why: wanted.why, askedAt: wanted.at } }]
      : [{ type: 'settle', outcome: part.outcome, skipped: null }];
  return {
    state,
    effects,
    events: [
      { type: 'answer', at, took: Math.max(0, at - flight.sentAt), outcome: part.outcome, code, refreshed, stale },
      ...part.events,
    ],
  };
}

/** The ask under which a left-over request leaves: nobody's in particular. */
function followUp({ online }: Flight, kind: AskKind): Ask {
  return { kind, tab: '', visible: false, activityAge: null, online };
}
