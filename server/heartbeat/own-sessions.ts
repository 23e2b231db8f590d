import type { EndReason, LaterReason } from '../contract.js';

/** Which of the application's own sessions a request belongs to. */
export interface OwnSession {
  /**
   * Names the session within this server, for single flight and rate limit; not empty, and it never
   * leaves the server.
   */
  key: string;
  /** Public handle: no credential. */
  sessionId?: string;
  /** Public handle of the user. */
  user?: string;
}

/**
 * Headers for the answer, the application's `Set-Cookie` above all: everybody who joined the
 * refresh gets them.
 */
interface WithHeaders {
  headers?: Headers | Record<string, string> | [string, string][];
}

/**
 * What the application says of its session. Durations are seconds; one that is no number of at
 * least 0 counts as absent. `retryAfter` is prolonged by up to a fifth at random, and answered as
 * at most 120.
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
        /** Whether tokens were refreshed. Default `true`. */
        refreshed?: boolean;
      }
    /**
     * A reason of the contract, or the application's own word: 1 to 64 letters, digits, `_`, `.`
     * and `-`. Pages are handed it as it is.
     */
    | { kind: 'over'; reason: EndReason | (string & {}) }
    | { kind: 'later'; reason: LaterReason; retryAfter?: number }
  );

/** Two functions by which an application keeps sessions of its own alive. */
export interface OwnSessions {
  /**
   * The session of a request (a copy without its body), or `null` if there is none. A throw says
   * nothing about the session, and neither does a session without a key, nor one that is found
   * after 8 s: 503.
   */
  identify(request: Request): OwnSession | null | Promise<OwnSession | null>;
  /**
   * Keeps the session alive, once for all who ask at the same time. `activity: 'none'` must not
   * move its idle limit. `request` is a copy without its body; `signal` aborts after 20 s, and not
   * when a client leaves: others may wait for what was rotated. A throw is 503.
   */
  refresh(
    request: Request,
    beat: { activity: 'user' | 'none'; idleMs: number; signal: AbortSignal },
  ): OwnVerdict | Promise<OwnVerdict>;
}
