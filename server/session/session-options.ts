import type { Logger } from '../observe/logger.js';
import type { Meter } from '../observe/meter.js';
import type { IssuerSource } from '../provider/issuer-access.js';
import type { RateLimiter } from '../rates/rate-limit.js';
import type { KeyRing } from '../record/key-ring.js';
import type { RefreshTimings } from '../refresh/refresh-context.js';
import type { SessionStore } from '../store/store.js';

/** Durations in seconds. */
export interface SessionServiceOptions {
  issuer: IssuerSource;
  store: SessionStore;
  keys: KeyRing;
  logger: Logger;
  /**
   * Adds the user's `sub` at the provider to the log line of a new session.
   * @default false
   */
  logSubject?: boolean;
  /**
   * How long a session lives without activity of its user.
   * @default 1800
   */
  idleTimeout?: number;
  /**
   * How long a session lives at most, whatever its user does.
   * @default 28800
   */
  absoluteTimeout?: number;
  /**
   * How long the refresh token must be unused before a beat uses it, at least 5.
   * @default 60
   */
  refreshAfter?: number;
  /**
   * The provider's idle limit for refresh tokens, if its answers do not tell it. `null`: not known.
   * @default null
   */
  refreshTokenIdle?: number | null;
  /**
   * How long the token endpoint may take.
   * @default 20
   */
  tokenTimeout?: number;
  /**
   * How long a request waits for a refresh, which goes on without it.
   * @default 8
   */
  waitTimeout?: number;
  /**
   * How long a request waits for all its store calls together.
   * @default 5
   */
  storeTimeout?: number;
  /**
   * Counts the requests to the token endpoint.
   * @default nothing is counted
   */
  meter?: Meter;
  /**
   * Limits the beats of each session.
   * @default no limit
   */
  rateLimiter?: RateLimiter;
  now?: () => number;
  /** Keeps work alive after its request is answered, on a platform that would freeze it. */
  waitUntil?: (work: Promise<unknown>) => void;
  /**
   * The time limits of the single flight. They belong to its contract, and only tests change them.
   */
  timings?: Partial<RefreshTimings>;
}

const positive = (name: string, value: number): number => {
  if (Number.isFinite(value) && value > 0) return value;
  throw new TypeError(`Option "${name}" takes a positive number of seconds`);
};

/** The options with their defaults, in milliseconds. Throws a TypeError that names the option. */
export function resolveDurations(options: SessionServiceOptions) {
  const ms = (name: string, value: number) => positive(name, value) * 1000;
  const { refreshTokenIdle = null } = options;
  return {
    idleMs: ms('idleTimeout', options.idleTimeout ?? 1_800),
    absoluteMs: ms('absoluteTimeout', options.absoluteTimeout ?? 28_800),
    refreshAfterMs: ms('refreshAfter', options.refreshAfter ?? 60),
    refreshTokenIdleMs: refreshTokenIdle === null ? null : ms('refreshTokenIdle', refreshTokenIdle),
    tokenTimeoutMs: ms('tokenTimeout', options.tokenTimeout ?? 20),
    waitTimeoutMs: ms('waitTimeout', options.waitTimeout ?? 8),
    storeTimeoutMs: ms('storeTimeout', options.storeTimeout ?? 5),
  };
}
