import type { AliveFacts } from '../../server/contract.js';
import type { Answer, Flight, RefreshRequest, Step } from '../core/events.js';
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

/** A session "a" of user "u", confirmed at `T0` with activity of that instant, the next beat due five minutes later. */
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
    dueAt: T0 + 5 * MINUTE,
    dueSpan: 5 * MINUTE,
    ...changes,
  });
}

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
  return { kind, tab: 'tab-1', visible: true, activityAge: null, online: true, ...changes };
}

interface Circumstances {
  random?: number;
  checkable?: boolean;
}

export function asks(
  state: State,
  at: number,
  kind: AskKind,
  changes: Partial<Ask> = {},
  { random = 0, checkable = true }: Circumstances = {},
): Step {
  return transition(state, { type: 'ask', ask: buildAsk(kind, changes), checkable, at, random });
}

/** The reason why an ask caused no attempt, or `null` where it did. */
export function skipped({ effects: [effect] }: Step): SkipReason | null {
  return effect?.type === 'settle' ? effect.skipped : null;
}

export function outcomeOf({ effects: [effect] }: Step): Outcome | null {
  return effect?.type === 'settle' ? effect.outcome : null;
}

/** What the step wants to send next, and why. */
export function attempted({ effects: [effect] }: Step): string | null {
  return effect?.type === 'attempt' ? effect.attempt.why : null;
}

/** Takes the lock for the step's attempt at `at`. */
export function begins(step: Step, at: number, { random = 0, checkable = true }: Circumstances = {}): Step {
  const [effect] = step.effects;
  if (effect?.type !== 'attempt') throw new Error(`No attempt, but ${JSON.stringify(step.effects)}`);
  return transition(step.state, { type: 'begin', attempt: effect.attempt, checkable, at, random });
}

export interface Sent {
  state: State;
  flight: Flight;
  request: RefreshRequest;
}

/** The request that the step sends. */
export function sent({ state, effects: [effect] }: Step): Sent {
  if (effect?.type !== 'send') throw new Error(`Nothing is sent, but ${JSON.stringify(effect)}`);
  return { state, flight: effect.flight, request: effect.request };
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

/** The answer to `flight` arrives at `at`. */
export function answers(state: State, flight: Flight, at: number, answer: Answer, random = 0): Step {
  return transition(state, { type: 'answer', flight, answer, at, random });
}

export const alive = (facts: AliveFacts = {}): Answer => ({ kind: 'alive', facts: { sessionId: 'a', ...facts } });

export const over = (
  reason: Extract<Answer, { kind: 'over' }>['reason'] = 'idle_timeout',
  sessionId: string | null = null,
): Answer => ({ kind: 'over', reason, sessionId });

export const later = (retryAfter: number | null = null, facts: AliveFacts = {}): Answer => ({
  kind: 'later',
  code: 'busy',
  retryAfter,
  facts,
});

export const NO_NETWORK: Answer = { kind: 'failed', code: 'network', error: null };

/** Types of the step's events, in order. */
export const eventTypes = ({ events }: Step): string[] => events.map(({ type }) => type);
