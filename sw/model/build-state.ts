import type { AliveFacts } from '../../server/contract.js';
import type { Answer, Flight, Step } from '../core/events.js';
import { isPresent } from '../core/schedule.js';
import { initialState, type State } from '../core/state.js';
import { transition } from '../core/transition.js';
import type { Ask, AskKind, Outcome, SkipReason } from '../protocol.js';

export const SECOND = 1_000;
export const MINUTE = 60_000;
/** Where the tests' time starts. */
export const T0 = 1_700_000_000_000;

/** A state of which nothing is known but `changes`. */
export function buildState(changes: Partial<State> = {}): State {
  return { ...initialState('store-1'), ...changes };
}

/**
 * A session "a" of user "u", confirmed at `T0` with activity of that instant, the next beat due
 * five minutes later.
 */
export function activeState(changes: Partial<State> = {}): State {
  return buildState({
    status: 'active',
    epoch: { store: 'store-1', n: 1 },
    toldEpoch: 1,
    sessionId: 'a',
    user: 'u',
    seen: 'a',
    lastActivityAt: T0,
    reportedActivityAt: T0,
    lastBeatAt: T0,
    due: { at: T0, span: 5 * MINUTE },
    ...changes,
  });
}

/** A beat that is due at `at`, as said at `T0`. */
export const dueFrom = (at: number): State['due'] => ({ at: T0, span: at - T0 });

/** A session that has ended. */
export function expiredState(changes: Partial<State> = {}): State {
  return buildState({
    status: 'expired',
    reason: 'idle_timeout',
    epoch: { store: 'store-1', n: 2 },
    toldEpoch: 2,
    endedSessionId: 'a',
    user: 'u',
    seen: 'a',
    ...changes,
  });
}

/** An ask of a visible page that knows of no activity. */
export function buildAsk(kind: AskKind, changes: Partial<Ask> = {}): Ask {
  return { kind, tab: 'tab-1', visible: true, activityAge: Infinity, online: true, ...changes };
}

interface Circumstances {
  random?: number;
  checkable?: boolean;
}

/** What an ask led to, and the ask. */
interface Asked extends Step {
  ask: Ask;
  askedAt: number;
}

export function asks(
  state: State,
  at: number,
  kind: AskKind,
  changes: Partial<Ask> = {},
  { random = 0, checkable = true }: Circumstances = {},
): Asked {
  const asked = { ask: buildAsk(kind, changes), askedAt: at };
  return { ...asked, ...transition(state, { type: 'ask', ...asked, checkable, at, random }) };
}

/** The reason why an ask caused no attempt, or `null` where it did. */
export const skipped = ({ skipped: reason }: Step): SkipReason | null => reason || null;

/** How the ask ends, or `null` where something is to be done first. */
export const outcomeOf = ({ attempt, flight, outcome }: Step): Outcome | null => (attempt || flight ? null : outcome);

/** Why the step wants to send a request next: `due` for an ordinary beat. */
export const attempted = ({ attempt, state, askedAt = 0 }: Step & Partial<Asked>): string | null =>
  attempt ? ((!state.wanted.tried || isPresent(state, askedAt) ? state.wanted.why : null) ?? 'due') : null;

/**
 * Takes the lock for the step's attempt at `at`: that of an ask, or, after an answer, once more for
 * an ask that is answered.
 */
export function begins(
  { attempt, state, skipped: reason, ask = buildAsk('activity'), askedAt = T0 }: Step & Partial<Asked>,
  at: number,
  { random = 0, checkable = true }: Circumstances = {},
): Step {
  if (!attempt) throw new Error(`No attempt, but ${reason}`);
  return transition(state, { type: 'begin', ask, askedAt, checkable, at, random });
}

export interface Sent {
  state: State;
  flight: Flight;
}

/** The request that the step sends. */
export function sent({ state, flight, skipped: reason }: Step): Sent {
  if (!flight) throw new Error(`Nothing is sent: ${reason}`);
  return { state, flight };
}

/** Asks and takes the lock at the same instant. */
export function sends(
  state: State,
  at: number,
  kind: AskKind,
  changes: Partial<Ask> = {},
  circumstances: Circumstances = {},
): Sent {
  return sent(begins(asks(state, at, kind, changes, circumstances), at, circumstances));
}

/** When the next beat of `activeState()` is due. */
export const DUE = T0 + 5 * MINUTE;

/** A beat that leaves when it is due. */
export const beat = (state: State = activeState()): Sent => sends(state, DUE, 'activity', { activityAge: 0 });

/** The answer to `flight` arrives at `at`. */
export function answers(state: State, flight: Flight, at: number, answer: Answer, random = 0): Step {
  return transition(state, { type: 'answer', flight, answer, checkable: true, at, random });
}

export const alive = (facts: AliveFacts = {}): Answer => ({
  kind: 'alive',
  code: 'ok',
  facts: { sessionId: 'a', ...facts },
  retryAfter: 0,
});

/** A 401. */
export const over = (reason: string | null = 'idle_timeout', sessionId?: string): Answer => ({
  kind: 'over',
  code: reason ?? 'over',
  facts: sessionId === undefined ? {} : { sessionId },
  retryAfter: 0,
});

/** A 503 or 429. */
export const later = (retryAfter = 0, facts: AliveFacts = {}): Answer => ({
  kind: 'none',
  code: 'busy',
  retryAfter,
  facts,
});

/** No answer at all, or none of the contract's. */
export const failed = (code: string): Answer => ({ kind: 'none', code, facts: {}, retryAfter: 0 });
export const NO_NETWORK = failed('network');

/** Facts of a session that ends at `end`, said at `T0`. */
export const endingAt = (end: number): Pick<State, 'facts' | 'factsAt'> => ({
  facts: { sessionId: 'a', idleExpiresIn: (end - T0) / 1_000 },
  factsAt: T0,
});
