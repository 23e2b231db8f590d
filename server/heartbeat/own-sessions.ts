import type { EndReason, LaterReason } from '../contract.js';

/** One of the application's own sessions, as `identify` returns it. */
export interface OwnSession {
  /**
   * Names the session within this server, for single flight and rate limit. It must not be empty,
   * and it never leaves the server.
   */
  key: string;
  /** The session's public id, which is no credential. */
  sessionId?: string;
  /** The user's public id. */
  user?: string;
}

/**
 * Headers for the answer, above all the application's `Set-Cookie`. Every request that joined the
 * refresh gets them.
 */
interface WithHeaders {
  headers?: Headers | Record<string, string> | [string, string][];
}

/**
 * The application's verdict on its session. Durations are seconds. One that is no number of at
 * least 0 counts as absent. `retryAfter` is made longer by up to a fifth at random, and is at most
 * 120 in the answer.
 */
export type OwnVerdict = WithHeaders &
  (
    | {
        kind: 'alive';
        accessTokenExpiresIn?: number | null;
        /** ISO 8601, instead of `accessTokenExpiresIn`. */
        accessTokenExpiresAt?: string | null;
        idleExpiresIn?: number | null;
        absoluteExpiresIn?: number | null;
        /** The limits themselves. */
        idleTimeout?: number | null;
        absoluteTimeout?: number | null;
        /** When the next beat should come, at the latest. */
        nextBeatIn?: number | null;
        /**
         * Tells if tokens were refreshed.
         * @default true
         */
        refreshed?: boolean;
      }
    /**
     * A reason of the contract, or the application's own word of 1 to 64 letters, digits, `_`, `.`
     * and `-`. Pages get it as it is.
     */
    | { kind: 'over'; reason: EndReason | (string & {}) }
    | { kind: 'later'; reason: LaterReason; retryAfter?: number }
  );

/** Two functions by which an application keeps sessions of its own alive. */
export interface OwnSessions {
  /**
   * Returns the session of a request (a copy without its body), or `null` if there is none. The
   * answer is 503 if it throws, takes more than 8 s, or returns a session without a key.
   */
  identify(request: Request): OwnSession | null | Promise<OwnSession | null>;
  /**
   * Keeps the session alive, once for all requests that ask at the same time. `activity: 'none'`
   * must not move its idle limit. `request` is a copy without its body. `signal` aborts after 20 s.
   * It does not abort when a client leaves, because other clients may wait for the rotated tokens.
   * The answer is 503 if this throws.
   */
  refresh(
    request: Request,
    beat: { activity: 'user' | 'none'; idleMs: number; signal: AbortSignal },
  ): OwnVerdict | Promise<OwnVerdict>;
}
