import type { AliveFacts } from '../../server/contract.js';
import type { Ask, Departure, Outcome, SkipReason } from '../protocol.js';
import type { State } from './state.js';
import type { Why } from './why.js';

/**
 * What leaves for the server. Who asks is said by the cookie, and `idleMs` how long ago the user
 * was there.
 */
export interface RefreshRequest extends Pick<Departure, 'kind' | 'activity' | 'idleMs'> {
  /** For how long the server has been asked in vain; 0 for not at all. */
  unansweredMs: number;
}

/**
 * What came back, read but not judged: the session lives, is over, or (`none`) nothing was said
 * about it.
 */
export interface Answer {
  kind: 'alive' | 'over' | 'none';
  /** `ok`; the reason of an end, `over` where there is none; or what went wrong. */
  code: string;
  facts: AliveFacts;
  /** The server's order, in milliseconds; 0 for none. */
  retryAfter: number;
}

/** A request that has left. Its answer counts only while its ticket is good. */
export interface Flight extends Departure, RefreshRequest, Pick<State, 'ticket'>, Pick<Ask, 'tab'> {
  why: Why | 'due';
  /** The activity that it reports; 0 for none. */
  activityAt: number;
  online: boolean;
}

/** Everything that can happen. */
export type Cause =
  /** A page asks; `askedAt` is when its message came. */
  | { type: 'ask'; ask: Ask; askedAt: number }
  /**
   * Under the lock: decide again, now for good. `isPassed`: without it, since its holder seems to
   * stand still.
   */
  | { type: 'begin'; ask: Ask; askedAt: number; isPassed?: boolean }
  | { type: 'answer'; flight: Flight; answer: Answer }
  | { type: 'told'; epoch: State['epoch'] };

/**
 * Time and chance come in: `random` is in [0, 1). `checkable`: there is an endpoint that tells what
 * is left.
 */
export type CoreEvent = Cause & { at: number; random: number; checkable: boolean };

/**
 * What is known now and what is to be done. Without an `attempt` or a `flight` the ask ends with
 * `outcome`.
 */
export interface Step {
  state: State;
  outcome: Outcome;
  /** Why no request goes out. */
  skipped?: SkipReason;
  /** Begin, under the lock. After an answer: once more, for what it left open. */
  attempt?: boolean;
  /** Send this. */
  flight?: Flight;
  /** The answer was about what is no longer true. */
  stale?: boolean;
}
