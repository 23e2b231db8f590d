import { holdBack } from './backoff.js';
import { endSession, nextEpoch } from './end.js';
import type { CoreEvent, Flight, Step } from './events.js';
import { want } from './on-ask.js';
import { beatSpan } from './schedule.js';
import { NEW_SESSION, NOTHING_WANTED, type State } from './state.js';

type AnswerEvent = Extract<CoreEvent, { type: 'answer' }>;

/** Whether an answer is about what is no longer true (rule 5). */
const isStale = ({ epoch, seen, signedInAt }: State, flight: Flight): boolean =>
  flight.epoch.store !== epoch.store ||
  flight.epoch.n !== epoch.n ||
  flight.seen !== seen ||
  flight.sentAt < signedInAt;

/** 200: the session lives (rules 2 and 7). */
function alive(state: State, { flight, answer: { facts }, random }: AnswerEvent, sentAt: number): State {
  const { activityAt, kind } = flight;
  const seen = flight.seen ?? null;
  const isActive = state.status === 'active';
  const sessionId = facts.sessionId ?? (isActive && !seen ? state.sessionId : seen);
  const isNew = !isActive || sessionId !== state.sessionId;
  const before = isNew ? { ...state, ...NEW_SESSION, user: null, epoch: nextEpoch(state.epoch) } : state;
  const slides = activityAt || !before.due.at;
  return {
    ...before,
    status: 'active',
    reason: null,
    sessionId,
    user: facts.user ?? before.user,
    refutedSeen: seen === sessionId ? null : seen,
    notBefore: NEW_SESSION.notBefore,
    failures: 0,
    reportedActivityAt: Math.max(state.reportedActivityAt, activityAt),
    lastBeatAt: kind === 'beat' ? sentAt : before.lastBeatAt,
    due: slides ? { at: sentAt, span: beatSpan(state, facts, random) } : before.due,
    facts,
    factsAt: sentAt,
  };
}

/** 401: the session is over, unless the answer speaks of another one than the current (rule 5). */
function over(state: State, { flight, answer: { code, facts }, at }: AnswerEvent): State {
  const judged = facts.sessionId;
  const current = [state.sessionId, state.seen].filter(Boolean);
  if (judged && current.length && !current.includes(judged) && flight.why !== 'again')
    return { ...state, wanted: want(null, 'again', at) };
  const status = code === 'no_session' ? 'signed-out' : 'expired';
  return endSession(state, status, code === 'over' ? null : code, judged ?? flight.seen);
}

/** Rule 6: no answer about the session. The beat stays due, for a user who is there when the pace allows. */
function unanswered(state: State, { flight, answer, at, random }: AnswerEvent, sentAt: number): State {
  const { facts } = answer;
  const isActive = state.status === 'active';
  // A server that names the session has recorded the activity before anything failed.
  const isRecorded = facts.sessionId && facts.sessionId === state.sessionId;
  return {
    ...state,
    ...(isRecorded && {
      reportedActivityAt: Math.max(state.reportedActivityAt, flight.activityAt),
      ...(facts.idleExpiresIn && { facts, factsAt: sentAt }),
    }),
    notBefore: holdBack(state, answer, at, random),
    failures: state.failures + 1,
    due: isActive ? { at, span: 0 } : state.due,
  };
}

/** What is still wanted after an answer: what was asked after the request had left, or what must be known though nobody could say. */
function stillWanted({ wanted, status }: State, { sentAt }: Flight, isAnswered: boolean): State['wanted'] {
  const { why, at } = wanted;
  // Any answer settles a question about the known end.
  if (at > sentAt && why !== 'end') return wanted;
  const isNeeded = status !== 'active' || why === 'changed' || why === 'signed-in' || why === 'again';
  return isAnswered || !why || !isNeeded ? NOTHING_WANTED : { ...wanted, tried: true };
}

/** An answer has come, or none in time. */
export function onAnswer(before: State, event: AnswerEvent): Step {
  const { flight, answer, at, random } = event;
  const { kind, code, retryAfter } = answer;
  // On this device's clock, which may have been set back meanwhile.
  const sentAt = Math.min(flight.sentAt, at);
  const stale = isStale(before, flight);
  let outcome: Step['outcome'] = code === 'network' && !flight.online ? 'offline' : 'unavailable';
  let state = before;
  if (stale) {
    // The pace is the server's, whatever session it was asked about.
    if (retryAfter) state.notBefore = holdBack(before, answer, at, random);
  } else {
    state = (kind === 'alive' ? alive : kind === 'over' ? over : unanswered)(before, event, sentAt);
    if (kind === 'over') {
      if (!state.wanted.why) outcome = 'ended';
    } else {
      state.wanted = stillWanted(before, flight, kind === 'alive');
      if (kind === 'alive') outcome = kind;
    }
    state.answered = { at, sentAt, outcome, code };
  }
  const { why, tried, at: askedAt } = state.wanted;
  if (!why || tried) return { state, outcome, stale };
  // What could not be answered by this flight goes out next, under the same lock, in nobody's name in particular.
  const ask = { kind: 'activity', tab: '', visible: false, activityAge: Infinity, online: flight.online } as const;
  return { state, outcome, stale, attempt: { ask, askedAt } };
}
