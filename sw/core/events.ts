import type { AliveFacts } from '../../server/contract.js';
import type { Ask, Departure, Outcome, SkipReason } from '../protocol.js';
import type { State } from './state.js';
import type { Why } from './why.js';

/**
 * A request to the server. The cookie names the session, and `idleMs` tells how many milliseconds
 * ago the user was there.
 */
export interface RefreshRequest extends Pick<Departure, 'kind' | 'activity' | 'idleMs'> {
  /** For how many milliseconds the server has not answered. 0 if its last answer came. */
  unansweredMs: number;
}

/**
 * The answer to a request, read but not judged: the session is alive, is over, or the answer says
 * nothing about it (`none`).
 */
export interface Answer {
  kind: 'alive' | 'over' | 'none';
  /** `ok`, the reason of an end (`over` if there is none), or the kind of failure. */
  code: string;
  facts: AliveFacts;
  /** The server's `Retry-After` in milliseconds. 0 if there is none. */
  retryAfter: number;
}

/** A request that has left. Its answer counts only if the state still has the same ticket. */
export interface Flight extends Departure, RefreshRequest, Pick<State, 'ticket'>, Pick<Ask, 'tab'> {
  why: Why | 'due';
  /** The instant of the activity that it reports. 0 if it reports none. */
  activityAt: number;
  online: boolean;
}

/** The causes of a decision. */
export type Cause =
  /** A page asks. `askedAt` is the instant at which its message came. */
  | { type: 'ask'; ask: Ask; askedAt: number }
  /**
   * The engine has the lock, and decides again. `isPassed`: it does not have the lock, but the
   * holder seems to stand still.
   */
  | { type: 'begin'; ask: Ask; askedAt: number; isPassed?: boolean }
  | { type: 'answer'; flight: Flight; answer: Answer }
  | { type: 'told'; epoch: State['epoch'] };

/**
 * A cause with the time and a random number, so that the core stays pure. `random` is in [0, 1).
 * `checkable`: there is an endpoint that tells what is left of the session.
 */
export type CoreEvent = Cause & { at: number; random: number; checkable: boolean };

/**
 * A decision: the new state, and the next action. Without an `attempt` or a `flight` the ask ends
 * with `outcome`.
 */
export interface Step {
  state: State;
  outcome: Outcome;
  /** The reason why no request goes out. */
  skipped?: SkipReason;
  /** Take the lock and begin. After an answer: begin once more, for an ask that it left open. */
  attempt?: boolean;
  /** Send this request. */
  flight?: Flight;
  /** The request left before the user signed in or out, so its answer is ignored. */
  stale?: boolean;
}
