import type { EndReason } from '../../server/contract.js';
import type { AskKind, EngineSettings, Epoch, Outcome, Status } from '../protocol.js';

/** Why a request is to go out at once; `again` repeats a beat whose 401 named another session. */
export type Why = 'signed-in' | 'changed' | 'again' | 'extend' | 'hello' | 'unauthorized' | 'check';

/** An ask that has to be answered, saved before anything leaves: a kill forgets nothing. */
export interface Wanted {
  why: Why;
  ask: AskKind;
  /** When it was asked: only a request that leaves later answers it. */
  at: number;
  /** It was tried and got no answer: from here on it waits for a user who is there. */
  tried: boolean;
}

/** Everything that must survive. Instants are milliseconds on this device's clock, a `...Span` says how far ahead its instant can lie. */
export interface State {
  status: Status;
  reason: EndReason | null;
  epoch: Epoch;
  /** Outbox: the last epoch told to all tabs. */
  toldEpoch: number;
  sessionId: string | null;
  user: string | null;
  /** The session that ended here, never revived by a late answer. */
  endedSessionId: string | null;
  /** The session as a page saw it last: a flight under another one no longer counts. */
  seen: string | null | undefined;
  /** A `seen` that the server contradicted: it triggers nothing again. */
  refutedSeen: string | null;
  /** The application said "signed in" or "signed out": flights that left before are void. */
  signedInAt: number | null;
  lastActivityAt: number | null;
  reportedActivityAt: number | null;
  /** The bucket of rule 8, as one instant (a theoretical arrival time). */
  attemptedAt: number | null;
  lastBeatAt: number | null;
  /** The latest check that came to an end. */
  checkedAt: number | null;
  dueAt: number | null;
  dueSpan: number;
  notBefore: { at: number; span: number; source: 'server' | 'backoff' } | null;
  failures: number;
  wanted: Wanted | null;
  /** The latest answer, for those who asked meanwhile. */
  answered: { at: number; outcome: Outcome } | null;
  accessTokenExpiresAt: number | null;
  accessTokenSpan: number;
  idleExpiresAt: number | null;
  idleSpan: number;
  absoluteExpiresAt: number | null;
  absoluteSpan: number;
  /** The server's idle limit, in milliseconds. */
  idleTimeout: number | null;
  settings: EngineSettings;
}

/** Milliseconds. */
export const DEFAULT_SETTINGS: EngineSettings = {
  interval: 300_000,
  activeWindow: 120_000,
  minInterval: 5_000,
  requestTimeout: 15_000,
  warnBefore: 60_000,
};

/** The state of a storage that nothing is known of. */
export function initialState(store: string): State {
  return {
    status: 'unknown',
    reason: null,
    epoch: { store, n: 0 },
    toldEpoch: 0,
    sessionId: null,
    user: null,
    endedSessionId: null,
    seen: undefined,
    refutedSeen: null,
    signedInAt: null,
    lastActivityAt: null,
    reportedActivityAt: null,
    attemptedAt: null,
    lastBeatAt: null,
    checkedAt: null,
    dueAt: null,
    dueSpan: 0,
    notBefore: null,
    failures: 0,
    wanted: null,
    answered: null,
    accessTokenExpiresAt: null,
    accessTokenSpan: 0,
    idleExpiresAt: null,
    idleSpan: 0,
    absoluteExpiresAt: null,
    absoluteSpan: 0,
    idleTimeout: null,
    settings: DEFAULT_SETTINGS,
  };
}
