import { BURST } from './bucket.js';
import type { State } from './state.js';

/** Two contexts may read the clock in another order than they save: that much is no change of the clock. */
const SKEW_MS = 1_000;

/**
 * Rule 4: only durations count. An instant that lies further ahead than its own span was written before the clock was set back, so it is
 * drawn in to the span; activity that lies in the future never happened.
 */
export function settleClocks(state: State, at: number): State {
  const past = (instant: number | null) =>
    instant !== null && instant > at ? (instant - at > SKEW_MS ? null : at) : instant;
  const ahead = (instant: number | null, span: number) => (instant === null ? null : Math.min(instant, at + span));
  const { settings, notBefore, wanted, answered } = state;
  return {
    ...state,
    lastActivityAt: past(state.lastActivityAt),
    reportedActivityAt: past(state.reportedActivityAt),
    checkedAt: past(state.checkedAt),
    lastBeatAt: ahead(state.lastBeatAt, 0),
    signedInAt: ahead(state.signedInAt, 0),
    attemptedAt: ahead(state.attemptedAt, BURST * settings.minInterval),
    dueAt: ahead(state.dueAt, state.dueSpan),
    notBefore: notBefore && { ...notBefore, at: Math.min(notBefore.at, at + notBefore.span) },
    wanted: wanted && { ...wanted, at: Math.min(wanted.at, at) },
    answered: past(answered?.at ?? null) === null ? null : answered,
    accessTokenExpiresAt: ahead(state.accessTokenExpiresAt, state.accessTokenSpan),
    idleExpiresAt: ahead(state.idleExpiresAt, state.idleSpan),
    absoluteExpiresAt: ahead(state.absoluteExpiresAt, state.absoluteSpan),
  };
}
