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
 * A wait, kept as its start and its length in milliseconds instead of as an instant in the future.
 * So the engine notices if the clock was set back (rule 4).
 */
interface Wait {
  at: number;
  span: number;
}

/**
 * Everything that must survive the worker's end. An instant, `at` or `...At`, is milliseconds on
 * this device's clock. It lies in the past, and 0 means never.
 */
export interface State {
  status: Status;
  reason: string | null;
  epoch: Epoch;
  /** The last epoch that all tabs were told. If it is behind `epoch`, news have to be sent. */
  toldEpoch: number;
  sessionId: string | null;
  user: string | null;
  /** The session that ended last. A late answer never revives it. */
  endedSessionId: string | null;
  /** The session that a page saw last. */
  seen: Ask['seen'];
  /** A `seen` that the server has contradicted. It causes no further request. */
  refutedSeen: string | null;
  /**
   * Sent along with each request. It is reset to 0 when the status, the session or `seen` changes,
   * so that answers to older requests are ignored (rule 5).
   */
  ticket: number;
  lastActivityAt: number;
  reportedActivityAt: number;
  /** The bucket of rule 8 as one instant. The next attempt may leave `minInterval` after it. */
  attemptedAt: number;
  lastBeatAt: number;
  /** The next beat. */
  due: Wait;
  /**
   * The back-off (rule 6): no attempt leaves before its end. `order` is the part of its span that
   * the server's `Retry-After` demands, or 0.
   */
  notBefore: Wait & { order: number };
  failures: number;
  /** When the latest request left. */
  sentAt: number;
  /**
   * When the first request left of those in a row that got no answer about the session. 0 if the
   * latest one got an answer.
   */
  unansweredAt: number;
  wanted: Wanted;
  /**
   * The latest answer, for asks that came in the meantime, and when its request left. `code` is
   * `ok` or names the failure.
   */
  answered: { at: number; sentAt: number } & EngineSnapshot['answered'];
  /** The server's latest facts of the session, in seconds since `factsAt`. */
  facts: AliveFacts;
  factsAt: number;
  settings: EngineSettings;
}

/** The members that a session does not leave to the next one. */
export const NEW_SESSION = {
  lastBeatAt: 0,
  due: { at: 0, span: 0 },
  notBefore: { at: 0, span: 0, order: 0 },
  failures: 0,
  unansweredAt: 0,
  facts: {},
  factsAt: 0,
} satisfies Partial<State>;

/** Returns the state of a new storage, in which nothing is known. */
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
