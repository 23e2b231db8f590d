import type { AliveFacts } from '../../server/contract.js';
import {
  type Ask,
  DEFAULT_SETTINGS,
  type EngineSettings,
  type EngineSnapshot,
  type Epoch,
  type Status,
} from '../protocol.js';
import { NOTHING_WANTED, type Wanted } from './why.js';

/**
 * What is to come is kept as a span and when it began, not as an instant ahead: a clock that is set
 * back is then found out (rule 4).
 */
interface Wait {
  at: number;
  span: number;
}

/**
 * Everything that must survive. An instant, `at` or `...At`, is milliseconds on this device's
 * clock, in the past, 0 for never.
 */
export interface State {
  status: Status;
  reason: string | null;
  epoch: Epoch;
  /** Outbox: the last epoch told to all tabs. */
  toldEpoch: number;
  sessionId: string | null;
  user: string | null;
  /** The session that ended here, never revived by a late answer. */
  endedSessionId: string | null;
  /** The session as a page saw it last. */
  seen: Ask['seen'];
  /** A `seen` that the server contradicted: it triggers nothing again. */
  refutedSeen: string | null;
  /**
   * What a request carries for its answer to count: void (0) as soon as what was true when it left
   * no longer is (rule 5).
   */
  ticket: number;
  lastActivityAt: number;
  reportedActivityAt: number;
  /** The bucket of rule 8, as one instant: the next attempt may leave `minInterval` after it. */
  attemptedAt: number;
  lastBeatAt: number;
  /** The next beat. */
  due: Wait;
  /**
   * Rule 6: no attempt before its end, by our own back-off; `order` is how much of its span is the
   * server's order, 0 for none.
   */
  notBefore: Wait & { order: number };
  failures: number;
  /** When the latest request left. */
  sentAt: number;
  /**
   * When the first of the requests left that have had no answer about the session since the last
   * one that had.
   */
  unansweredAt: number;
  wanted: Wanted;
  /**
   * The latest answer, for those who asked meanwhile, and when its request had left; `code` says
   * what went wrong.
   */
  answered: { at: number; sentAt: number } & EngineSnapshot['answered'];
  /** What the server said last of the session, counted from when the request was sent. */
  facts: AliveFacts;
  factsAt: number;
  settings: EngineSettings;
}

/** What a session leaves to the next one: nothing of this. */
export const NEW_SESSION = {
  lastBeatAt: 0,
  due: { at: 0, span: 0 },
  notBefore: { at: 0, span: 0, order: 0 },
  failures: 0,
  unansweredAt: 0,
  facts: {},
  factsAt: 0,
} satisfies Partial<State>;

/** The state of a storage that nothing is known of. */
export const initialState = (store: string): State => ({
  ...NEW_SESSION,
  status: 'unknown',
  reason: null,
  epoch: { store, n: 0 },
  toldEpoch: 0,
  sessionId: null,
  user: null,
  endedSessionId: null,
  seen: undefined,
  refutedSeen: null,
  ticket: 0,
  sentAt: 0,
  lastActivityAt: 0,
  reportedActivityAt: 0,
  attemptedAt: 0,
  wanted: NOTHING_WANTED,
  answered: { at: 0, sentAt: 0, outcome: 'unavailable', code: '' },
  settings: DEFAULT_SETTINGS,
});
