import type { EndReason, LaterReason } from '../contract.js';

/**
 * What a login or a grant says of a session: no token among it. Instants are milliseconds since the
 * epoch, spans milliseconds.
 */
export interface SessionFacts {
  sessionId: string;
  user: string;
  createdAt: number;
  absoluteEndAt: number;
  grantedAt: number;
  accessExpiresAt: number | null;
  accessLife: number | null;
  /** How long the refresh token lives unused, as the provider last said. */
  refreshIdle: number | null;
  refreshEndAt: number | null;
  hasRefreshToken: boolean;
}

/**
 * A durable note that a refresh token is being sent, written before the token is sent. A process
 * that finds it knows that the token may be spent.
 */
export interface IntentMarker {
  generation: number;
  attempt: number;
  holder: string;
  at: number;
}

/**
 * The notes that attempts at one generation leave, for the next attempt and for requests that wait
 * in other processes.
 */
export interface FlightNotes {
  /** Grows with every attempt of the session. */
  attempt: number;
  marker: IntentMarker | null;
  /** How attempt number `attempt` failed. `retryAfter` is in seconds. */
  failure: { attempt: number; reason: LaterReason; retryAfter: number } | null;
  /** Another holder's young marker forbids a judgement until then. */
  undecidedUntil: number | null;
  /**
   * Refusals in a row that carried no OAuth error, while other sessions were answered. `last` is
   * absent in records of older versions.
   */
  refusals: { count: number; since: number; last?: number } | null;
}

export const NO_NOTES: FlightNotes = { attempt: 0, marker: null, failure: null, undecidedUntil: null, refusals: null };

/** The notes of a session whose refresh token is about to be sent by `holder`. */
export function withIntent(
  notes: FlightNotes,
  { generation, holder, at }: Pick<IntentMarker, 'generation' | 'holder' | 'at'>,
): FlightNotes {
  const attempt = notes.attempt + 1;
  return { ...notes, attempt, marker: { generation, attempt, holder, at }, undecidedUntil: null };
}

export interface SessionRecord {
  key: string;
  /** Grows with every commit. */
  generation: number;
  lastActiveAt: number;
  facts: SessionFacts;
  notes: FlightNotes;
  /** Set on a tombstone, which nothing overwrites. */
  ended: EndReason | null;
  /**
   * On a tombstone whose refresh token was revoked with it (a logout): one that a grant still
   * brings is revoked too.
   */
  revokes?: true;
  /** On the tombstone of a session that a login in the same browser replaced: when. */
  replacedAt?: number;
  /** The lease that runs now, by the store's own clock, and the milliseconds that it has left. */
  lease: { holder: string; leftMs: number } | null;
}

/** The cause of a revocation: a logout here, a new login in its place, or the provider. */
export type EndedBy = 'logout' | 'login' | 'provider';

/**
 * How many times its `leaseMs` a lease may last at most. One that seems to last longer was taken
 * before a clock was set back, and is free.
 */
export const LONGEST_LEASE = 2;

/**
 * The owner of a lease after `acquire` (empty if there is no session), and for a new owner the
 * session as it was before.
 */
export interface Acquired {
  owner: string;
  record: SessionRecord | null;
  sealed: string | null;
}

/**
 * Where sessions live. Every method is atomic; one that cannot be carried out throws a
 * `StoreError`. A call that has no answer after twice the time that a request has for the store
 * counts as failed. `key` is the hash of the cookie, `sealed` what `KeyRing.seal` made of the
 * tokens: the store learns neither.
 */
export interface SessionStore {
  /** The value kept under `name`, which is `made` if there was none. */
  keepOnce(name: string, made: string): Promise<string>;
  /** Stores a new session, durably; `false` if the key is taken, by a tombstone too. */
  create(input: {
    key: string;
    facts: SessionFacts;
    lastActiveAt: number;
    /** Hash of the provider's `sid`, for back-channel logout. */
    sidKey: string | null;
    sealed: string;
    purgeAt: number;
  }): Promise<boolean>;
  read(key: string): Promise<SessionRecord | null>;
  readSealed(key: string): Promise<string | null>;
  /**
   * Reads a session, and moves its last activity to `at`: if it lives, if that is later by `step`
   * or more, and if the last activity was later than `after`. The record is the one from before.
   */
  readAndTouch(key: string, touch: { at: number; step: number; after: number }): Promise<SessionRecord | null>;
  /**
   * Takes the lease for `leaseMs` by the store's own clock, if it is free or held by `instead`. In
   * the same step the intent to send the refresh token is noted (`withIntent`), if `generation` is
   * current and the session lives.
   */
  acquire(input: {
    key: string;
    holder: string;
    leaseMs: number;
    intent: { generation: number; at: number };
    instead?: string;
  }): Promise<Acquired>;
  /** Prolongs one's own lease, from now; `false` if it went to another. */
  renew(key: string, holder: string, leaseMs: number): Promise<boolean>;
  /**
   * Gives one's own lease back, and puts the notes back as they were where no token was sent after
   * all.
   */
  release(key: string, holder: string, unsent?: { generation: number; notes: FlightNotes }): Promise<void>;
  /** Writes the notes if the generation is still current and the session lives. */
  note(key: string, generation: number, notes: FlightNotes): Promise<boolean>;
  /**
   * Stores a grant's outcome, durably, if the generation is still current and the session lives;
   * the generation moves by one. The lease of `holder` is given back in the same step.
   */
  commit(
    key: string,
    generation: number,
    input: { facts: SessionFacts; sealed: string; holder?: string },
  ): Promise<boolean>;
  /**
   * Makes a tombstone, durably, and drops the sealed tokens, which it returns; `null` if there was
   * no living session. `revokes` and `replacedAt` are kept in the record. `by` is for the log only.
   */
  end(
    key: string,
    reason: EndReason,
    how?: { revokes?: boolean; replacedAt?: number; by?: EndedBy },
  ): Promise<{ facts: SessionFacts; sealed: string | null } | null>;
  /**
   * Tombstones for the living sessions of a user created up to `createdUpTo`, or of a provider
   * session; the facts of those that ended.
   */
  endAll(
    selector: { user: string; createdUpTo: number } | { sidKey: string },
    reason: EndReason,
  ): Promise<SessionFacts[]>;
  /**
   * Remembers a name until `expiresAt`; `false` if it is remembered already. A later `value` of the
   * same name is kept if greater.
   */
  remember(input: { name: string; value: number; now: number; expiresAt: number }): Promise<boolean>;
  recall(name: string, now: number): Promise<number | null>;
  /** Leaves a text for one `take` until `expiresAt`. */
  leave(input: { name: string; text: string; now: number; expiresAt: number }): Promise<void>;
  /** The text that was left under a name, which is then gone; `null` if there is none. */
  take(name: string, now: number): Promise<string | null>;
  /**
   * Drops what is no longer needed at `now`, in steps of milliseconds with turns for other work
   * between them, until `signal` is aborted.
   */
  purge(now: number, signal?: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** The store could not do its work. The error says nothing about a session. */
export class StoreError extends Error {
  readonly code = 'store_unavailable';
  override readonly name = 'StoreError';

  /** The store's own code, such as `SQLITE_FULL` or `ECONNREFUSED`; no secret is in it. */
  readonly kind: string | null;

  constructor(message: string, kind: string | null = null) {
    super(kind === null ? message : `${message} (${kind})`);
    this.kind = kind;
  }
}
