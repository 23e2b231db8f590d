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
  /** If the log of a new session names the provider's `sub`. Default `false`. */
  logSubject?: boolean;
  /** Ends a session in which nobody was active for so long. Default 1800. */
  idleTimeout?: number;
  /** Ends a session, whatever anybody does. Default 28800. */
  absoluteTimeout?: number;
  /** A beat uses the refresh token if it was not used for so long. Default 60, at least 5. */
  refreshAfter?: number;
  /**
   * The provider's idle limit for refresh tokens, where its answers do not tell. Default `null`:
   * not known.
   */
  refreshTokenIdle?: number | null;
  /** How long the token endpoint may take. Default 20. */
  tokenTimeout?: number;
  /** How long a request waits for a refresh, which goes on without it. Default 8. */
  waitTimeout?: number;
  /** How long a request waits for all that it asks of the store. Default 5. */
  storeTimeout?: number;
  /** Told of the requests to the token endpoint. Default: nobody is. */
  meter?: Meter;
  /** Bounds the beats of a session. Default: no bound. */
  rateLimiter?: RateLimiter;
  now?: () => number;
  /** Keeps work alive that outlasts the answer, where the platform would freeze it. */
  waitUntil?: (work: Promise<unknown>) => void;
  /**
   * The single flight's own clocks; they are part of its contract and are changed in tests only.
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
