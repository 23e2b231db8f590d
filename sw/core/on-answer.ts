import { holdBack } from './backoff.js';
import { endSession, newEpoch } from './end.js';
import type { CoreEvent, Step } from './events.js';
import { beatSpan } from './schedule.js';
import { NEW_SESSION, type State } from './state.js';
import { stillWanted, want } from './wanted.js';

type AnswerEvent = Extract<CoreEvent, { type: 'answer' }>;

/** Judges a 200: the session is alive (rules 2 and 7). */
function alive(state: State, { flight, answer: { facts }, random }: AnswerEvent): State {
  const { kind, activity, activityAt, sentAt } = flight;
  const seen = state.seen ?? null;
  const sessionId = facts.sessionId ?? seen ?? state.sessionId;
  // If the answer names neither session nor user, only the application can tell of a login.
  const isNamed = facts.user ?? facts.sessionId ?? seen;
  const isNew =
    state.status !== 'active' ||
    sessionId !== state.sessionId ||
    (isNamed ? facts.user && state.user && facts.user !== state.user : flight.why === 'signed-in');
  const before = isNew ? { ...state, ...NEW_SESSION, user: null, ...newEpoch(state) } : state;
  const moves = activity === 'user' || !before.due.at;
  return {
    ...before,
    status: 'active',
    reason: null,
    sessionId,
    user: facts.user ?? before.user,
    refutedSeen: seen === sessionId ? null : seen,
    notBefore: NEW_SESSION.notBefore,
    failures: 0,
    unansweredAt: 0,
    reportedActivityAt: Math.max(state.reportedActivityAt, activityAt),
    lastBeatAt: kind === 'beat' ? sentAt : before.lastBeatAt,
    due: moves ? { at: sentAt, span: beatSpan(state, facts, random) } : before.due,
    wanted: stillWanted(state, sentAt, true),
    facts,
    factsAt: sentAt,
  };
}

/** Judges a 401: the session is over, unless the answer names another than the current (rule 5). */
function over(state: State, { flight, answer: { code, facts }, at }: AnswerEvent): State {
  const judged = facts.sessionId;
  const current = [state.sessionId, state.seen].filter(Boolean);
  if (judged && current.length && !current.includes(judged) && flight.why !== 'again')
    return { ...state, wanted: want(null, 'again', at) };
  const status = code === 'no_session' ? 'signed-out' : 'expired';
  return endSession(state, status, code === 'over' ? null : code, judged ?? state.seen);
}

/**
 * Judges an answer that says nothing about the session (rule 6). The beat stays due, and leaves
 * when the back-off allows and the user is there.
 */
function none(state: State, { flight, answer, at, random }: AnswerEvent): State {
  const { facts } = answer;
  // A server that tells what is left has recorded the activity before the failure.
  const isRecorded = facts.idleExpiresIn && facts.sessionId === state.sessionId;
  return {
    ...state,
    ...(isRecorded && {
      reportedActivityAt: Math.max(state.reportedActivityAt, flight.activityAt),
      facts,
      factsAt: flight.sentAt,
    }),
    notBefore: holdBack(state, answer, at, random),
    failures: state.failures + 1,
    unansweredAt: isRecorded ? 0 : state.unansweredAt || flight.sentAt,
    due: { at, span: 0 },
    wanted: stillWanted(state, flight.sentAt, false),
  };
}

const JUDGES = { alive, over, none };

/** Judges an answer, or the lack of one in time. */
export function onAnswer(before: State, event: AnswerEvent): Step {
  const { flight, answer, at, random } = event;
  const { kind, code, retryAfter } = answer;
  // The answer counts for nothing if a later request was answered first: the engine that sent this
  // one has stood still.
  const stale = flight.ticket !== before.ticket || flight.sentAt < before.factsAt;
  let state = before;
  let outcome: Step['outcome'] = code === 'network' && !flight.online ? 'offline' : 'unavailable';
  if (!stale) {
    state = JUDGES[kind](before, event);
    if (kind === 'alive') outcome = kind;
    if (kind === 'over' && !state.wanted.why) outcome = 'ended';
    const { sentAt, kind: asked, tab } = flight;
    state.answered = { at, sentAt, outcome, code, kind: asked, tab, cookie: answer.facts.cookie };
  } else if (retryAfter) {
    // A `Retry-After` counts, though the request was about another session.
    state.notBefore = holdBack(before, answer, at, random);
  }
  return { state, outcome, stale, attempt: !state.wanted.tried };
}
