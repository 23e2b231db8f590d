import type { EndReason, LaterReason } from '../contract.js';

/** What a login or a grant says of a session: no token among it. Instants are milliseconds since the epoch, spans milliseconds. */
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

/** A durable word that a refresh token is being sent, written before it is: whoever finds it knows that the token may be spent. */
export interface IntentMarker {
  generation: number;
  attempt: number;
  holder: string;
  at: number;
}

/** What attempts at one generation left behind, for the next attempt and for those who wait in other processes. */
export interface FlightNotes {
  /** Grows with every attempt of the session. */
  attempt: number;
  marker: IntentMarker | null;
  /** How attempt number `attempt` failed. `retryAfter` is in seconds. */
  failure: { attempt: number; reason: LaterReason; retryAfter: number } | null;
  /** Another holder's young marker forbids a judgement until then. */
  undecidedUntil: number | null;
  /** Refusals in a row that carried no OAuth error. */
  refusals: { count: number; since: number } | null;
}

export const NO_NOTES: FlightNotes = { attempt: 0, marker: null, failure: null, undecidedUntil: null, refusals: null };

export interface SessionRecord {
  key: string;
  /** Grows with every commit. */
  generation: number;
  lastActiveAt: number;
  facts: SessionFacts;
  notes: FlightNotes;
  /** Set on a tombstone, which nothing overwrites. */
  ended: EndReason | null;
  /** On a tombstone whose refresh token was revoked with it (a logout): one that a grant still brings is revoked too. */
  revokes?: true;
  lease: { holder: string; until: number } | null;
}

/**
 * Where sessions live. Every method is atomic; one that cannot be carried out throws a `StoreError`.
 * `key` is the hash of the cookie, `sealed` what `KeyRing.seal` made of the tokens: the store learns neither.
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
  /** Moves the last activity forward; never back, and not on a tombstone. */
  touch(key: string, lastActiveAt: number): Promise<void>;
  /** Takes the lease if it is free at `now`, or held by `instead`; resolves to whom it then belongs. */
  acquire(input: { key: string; holder: string; now: number; until: number; instead?: string }): Promise<string>;
  /** Prolongs one's own lease; `false` if it went to another. */
  renew(key: string, holder: string, until: number): Promise<boolean>;
  release(key: string, holder: string): Promise<void>;
  /** Writes the notes if the generation is still current and the session lives. */
  note(key: string, generation: number, notes: FlightNotes): Promise<boolean>;
  /** Stores a grant's outcome, durably, if the generation is still current and the session lives; the generation moves by one. */
  commit(key: string, generation: number, input: { facts: SessionFacts; sealed: string }): Promise<boolean>;
  /**
   * Makes a tombstone, durably, and drops the sealed tokens, which it returns; `null` if there was no living session. `revokes` is kept in the
   * record: default `false`.
   */
  end(
    key: string,
    reason: EndReason,
    how?: { revokes?: boolean },
  ): Promise<{ facts: SessionFacts; sealed: string | null } | null>;
  /** Tombstones for the living sessions of a user created up to `createdUpTo`, or of a provider session; how many there were. */
  endAll(selector: { user: string; createdUpTo: number } | { sidKey: string }, reason: EndReason): Promise<number>;
  /** Remembers a name until `expiresAt`; `false` if it is remembered already. A later `value` of the same name is kept if greater. */
  remember(input: { name: string; value: number; now: number; expiresAt: number }): Promise<boolean>;
  recall(name: string, now: number): Promise<number | null>;
  /** Drops what nobody needs any more at `now`. */
  purge(now: number): Promise<void>;
  close(): Promise<void>;
}

/** The store could not do its work: says nothing about any session. */
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
