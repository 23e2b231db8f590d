import type { EndReason, LaterReason } from '../contract.js';
import type { Logger } from '../observe/logger.js';
import type { Meter } from '../observe/meter.js';
import type { IdleClock } from '../outages/idle-clock.js';
import type { StoreHealth } from '../outages/store-health.js';
import type { IssuerAccess } from '../provider/issuer-access.js';
import type { IssuerGate } from '../provider/issuer-gate.js';
import type { KeyRing } from '../record/key-ring.js';
import type { SessionRecord, SessionStore } from '../store/store.js';
import { RETRY_SECONDS } from '../verdict/retry-after.js';
import type { Slots } from './slots.js';

/** The result of a flight. */
export type Outcome =
  | { kind: 'fresh'; granted: boolean; record: SessionRecord }
  /**
   * `final` is false if the session ends for this process only, because it lacks a key that may be
   * put back.
   */
  | { kind: 'over'; reason: EndReason; final?: false }
  | { kind: 'later'; reason: LaterReason; retryAfter: number };

/** The clocks of the single flight; changed in tests only. */
export interface RefreshTimings {
  leaseMs: number;
  renewMs: number;
  /** The pause before each replay that follows an ambiguous end. */
  replayPausesMs: readonly number[];
  /** How long another holder's marker may still be followed by its commit. */
  markerYoungMs: number;
  /** How long storing a grant is tried while the store is away. Its tokens exist nowhere else. */
  storeForMs: number;
  pollMs: number;
}

export const REFRESH_TIMINGS: RefreshTimings = {
  leaseMs: 10_000,
  renewMs: 2_000,
  replayPausesMs: [1_000, 3_000],
  markerYoungMs: 30_000,
  storeForMs: 600_000,
  pollMs: 40,
};

/** How many times longer a token answer is accepted than requests wait for it: 60 s by default. */
export const LISTEN_FACTOR = 3;

/** The context that all parts of a refresh share. */
export interface RefreshContext {
  store: SessionStore;
  keys: KeyRing;
  holder: string;
  slots: Slots;
  gate: IssuerGate;
  idle: Pick<IdleClock, 'outages'>;
  health: Pick<StoreHealth, 'onBack'>;
  logger: Logger;
  meter: Meter;
  now: () => number;
  issuer: () => Promise<IssuerAccess>;
  refreshAfterMs: number;
  refreshTokenIdleMs: number | null;
  tokenTimeoutMs: number;
  timings: RefreshTimings;
  /** Aborted when the service closes. Running requests are finished, and no new ones begin. */
  closing: AbortSignal;
  /** Work that may outlive the answer. */
  beside: (work: Promise<unknown>) => void;
}

/** One refresh of one session. All requests of this process for it join it. */
export interface Flight {
  key: string;
  /** The number of requests that still wait for it. */
  waiters: number;
  /** Answers the requests that wait and that will wait, while the flight goes on. */
  stalled: (outcome: Outcome) => void;
}

export const later = (reason: LaterReason, retryAfter = RETRY_SECONDS[reason]) =>
  ({ kind: 'later', reason, retryAfter }) as const satisfies Outcome;
