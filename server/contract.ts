/**
 * The HTTP contract between Stillhere's engine and a server: constants, types and guards, no
 * imports. Any backend that answers like this qualifies; docs/contract.md says the same in prose.
 */

/** Version of the contract, sent as `v` in the request's body. */
export const CONTRACT_VERSION = 1;

/**
 * A header no cross-site page can send without a CORS preflight: it makes the beat safe without a
 * CSRF token.
 */
export const HEADER_NAME = 'X-Stillhere';
export const HEADER_VALUE = '1';

/** Longest request body that a server reads, in bytes. */
export const MAX_BODY_BYTES = 1024;

/** Ten years, in seconds: a greater number is no duration. */
export const LONGEST_SECONDS = 315_360_000;

/** Base name of the readable cookie that holds the session's public id (no credential). */
export const PUBLIC_COOKIE = 'stillhere-session';

/**
 * Name of the BroadcastChannel, the store and the locks of a keepalive: pages, worker and the page
 * at a pop-up's end use the same.
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

/** The body of `POST heartbeat`; no body means `{ activity: 'user', idleMs: 0 }`. */
export interface HeartbeatRequest {
  v: typeof CONTRACT_VERSION;
  /**
   * `user`: somebody was there `idleMs` ago. `none`: a question that must not slide the session's
   * idle limit.
   */
  activity: 'user' | 'none';
  /** How long ago the user was last active, in milliseconds. */
  idleMs: number;
  /**
   * How long ago the client made its first attempt that no answer has settled, in milliseconds:
   * since the last 200, or the last 503 with `idleExpiresIn`, and since the user was away for
   * longer than the idle limit. 0 or absent if there is none. It is a claim: see docs/contract.md.
   */
  unansweredMs?: number;
}

/**
 * The body of a 200, from `POST heartbeat` and from `GET session`. Durations are seconds; `null` is
 * "no limit" or "not known".
 */
export interface AliveBody {
  /**
   * ISO 8601, for people and logs: clients read `accessTokenExpiresIn`, and without that they count
   * from the answer's own `Date` to this.
   */
  accessTokenExpiresAt: string | null;
  accessTokenExpiresIn: number | null;
  /** Until the idle limit ends the session, if nobody acts. */
  idleExpiresIn: number | null;
  /** Until the session ends, whatever anybody does. */
  absoluteExpiresIn: number | null;
  idleTimeout: number | null;
  absoluteTimeout: number | null;
  /** When the server wants the next beat, at the latest. */
  nextBeatIn: number | null;
  /** Opaque public handle of the session: never the cookie's value. */
  sessionId: string | null;
  /** Opaque public handle of the user, the same in all sessions of one user. */
  user: string | null;
  /** Whether this beat made a grant at the identity provider. */
  refreshed: boolean;
}

/**
 * What a client takes from a 200 of any backend: every member is optional, and one of another type
 * is as good as absent.
 */
export type AliveFacts = Partial<Omit<AliveBody, 'accessTokenExpiresAt' | 'refreshed'>> & {
  refreshed?: boolean;
  /** With a 401: see `ProblemBody`. */
  cookie?: string;
};

/** Problem details (RFC 9457) of every answer that is not a 200. */
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
   * With a 401: the name of the readable cookie that the server sets at login. Pages then take its
   * absence for signed out.
   */
  cookie?: string;
  idleExpiresIn?: number | null;
  absoluteExpiresIn?: number | null;
}

/** Whether `value` is a JSON object (not null, not an array). */
export function isJsonObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether `value` is one of the contract's reasons for an end. */
export function isEndReason(value: unknown): value is EndReason {
  return (END_REASONS as readonly unknown[]).includes(value);
}
