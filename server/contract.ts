/**
 * The HTTP contract between Stillhere's engine and a server: constants, types and guards, without
 * imports. Any backend that answers like this can be used. docs/contract.md describes it in prose.
 */

/** The version of the contract, sent as `v` in the request's body. */
export const CONTRACT_VERSION = 1;

/**
 * A header that no cross-site page can send without a CORS preflight. It makes the beat safe
 * without a CSRF token.
 */
export const HEADER_NAME = 'X-Stillhere';
export const HEADER_VALUE = '1';

/** The longest request body that a server reads, in bytes. */
export const MAX_BODY_BYTES = 1024;

/** The longest duration, in seconds: ten years. A greater number counts as absent. */
export const LONGEST_SECONDS = 315_360_000;

/**
 * The base name of the readable cookie. It holds the session's public id, which is no credential.
 */
export const PUBLIC_COOKIE = 'stillhere-session';

/**
 * Returns the name of a keepalive's BroadcastChannel, store and locks. Pages, the worker and the
 * page at the end of a pop-up use the same one.
 */
export const sharedName = (name: string): string => `stillhere:${name}`;

/** Why a session is over: the `reason` member of a 401. */
export const END_REASONS = [
  'no_session',
  'unreadable_cookie',
  'idle_timeout',
  'absolute_timeout',
  'revoked',
  'no_refresh_token',
  'refresh_rejected',
  'rotation_lost',
  'interaction_required',
  'subject_mismatch',
] as const;
export type EndReason = (typeof END_REASONS)[number];

/** Why to try again later though the session is kept: the `reason` member of a 429 or 503. */
export const LATER_REASONS = [
  'rate_limited',
  'provider_unreachable',
  'provider_timeout',
  'provider_error',
  'provider_misconfigured',
  'store_unavailable',
  'busy',
  'cookie_withheld',
  'activity_unknown',
  'session_replaced',
] as const;
export type LaterReason = (typeof LATER_REASONS)[number];

/** The body of `POST heartbeat`. No body means `{ activity: 'user', idleMs: 0 }`. */
export interface HeartbeatRequest {
  v: typeof CONTRACT_VERSION;
  /**
   * `user`: the user was active `idleMs` ago. `none`: the page only asks, and the idle limit must
   * not move.
   */
  activity: 'user' | 'none';
  /** How long ago the user was last active, in milliseconds. */
  idleMs: number;
  /**
   * How long ago the client made the first attempt that no answer has settled, in milliseconds. A
   * 200 settles it, and a 503 with `idleExpiresIn`. It starts anew after the user was away for
   * longer than the idle limit. 0 or absent if there is none. The client claims it: see
   * docs/contract.md.
   */
  unansweredMs?: number;
}

/**
 * The body of a 200, from `POST heartbeat` and from `GET session`. Durations are seconds. `null`
 * means "no limit" or "not known".
 */
export interface AliveBody {
  /**
   * ISO 8601, for people and logs. Clients read `accessTokenExpiresIn`. If it is absent, they count
   * from the answer's own `Date` to this.
   */
  accessTokenExpiresAt: string | null;
  accessTokenExpiresIn: number | null;
  /** How long until the idle limit ends the session, if the user does nothing. */
  idleExpiresIn: number | null;
  /** How long until the session ends, whatever the user does. */
  absoluteExpiresIn: number | null;
  idleTimeout: number | null;
  absoluteTimeout: number | null;
  /** How long until the server wants the next beat, at the latest. */
  nextBeatIn: number | null;
  /** The session's opaque public id. It is never the cookie's value. */
  sessionId: string | null;
  /** The user's opaque public id, the same in all sessions of one user. */
  user: string | null;
  /** Tells if this beat made a grant at the identity provider. */
  refreshed: boolean;
}

/**
 * The members that a client reads from a 200 of any backend. All are optional, and one of another
 * type counts as absent.
 */
export type AliveFacts = Partial<Omit<AliveBody, 'accessTokenExpiresAt' | 'refreshed'>> & {
  refreshed?: boolean;
  /** With a 401: see `ProblemBody`. */
  cookie?: string;
};

/** The problem details (RFC 9457) of every answer that is not a 200. */
export interface ProblemBody {
  type: string;
  title: string;
  status: number;
  /**
   * One of `END_REASONS` (401), `LATER_REASONS` (429, 503) or `cross_origin`, `bad_request`, ...
   */
  reason: string;
  sessionId?: string | null;
  user?: string | null;
  /**
   * With a 401: the name of the readable cookie that the server sets at login. From then on pages
   * treat the user as signed out if it is absent.
   */
  cookie?: string;
  idleExpiresIn?: number | null;
  absoluteExpiresIn?: number | null;
}

/** Tells if `value` is a JSON object (not null, not an array). */
export function isJsonObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Tells if `value` is one of the contract's reasons for an end. */
export function isEndReason(value: unknown): value is EndReason {
  return (END_REASONS as readonly unknown[]).includes(value);
}
