import type { AliveBody, EndReason } from '../contract.js';
import type { SessionRecord } from '../store/store.js';
import type { Remaining } from '../verdict/verdict.js';
import { activityStep, nextBeatIn } from './timing.js';

export interface Limits {
  idleMs: number;
  absoluteMs: number;
}

const upSeconds = (ms: number): number => Math.max(1, Math.ceil(ms / 1000));

/** Returns the limit that has ended the session, if one has. */
export function limitReached(record: SessionRecord, limits: Limits, now: number): EndReason | null {
  const { facts, lastActiveAt } = record;
  if (now >= facts.absoluteEndAt) return 'absolute_timeout';
  if (lastActiveAt <= idleSince(limits, now)) return 'idle_timeout';
  if (!facts.hasRefreshToken && facts.accessExpiresAt !== null && now >= facts.accessExpiresAt)
    return 'no_refresh_token';
  return null;
}

/** A session whose last activity is later has not reached the idle limit at `now`. */
export const idleSince = (limits: Limits, now: number): number => now - limits.idleMs - activityStep(limits.idleMs);

/**
 * Returns what is left until `limitReached`, the same for every request. Without a refresh token
 * the access token's end is absolute.
 */
export function remaining(record: SessionRecord, limits: Limits, now: number): Remaining {
  const { absoluteEndAt, accessExpiresAt, hasRefreshToken } = record.facts;
  const tokenEndAt = hasRefreshToken ? null : accessExpiresAt;
  return {
    idleExpiresIn: upSeconds(record.lastActiveAt + limits.idleMs + activityStep(limits.idleMs) - now),
    absoluteExpiresIn: upSeconds(Math.min(absoluteEndAt, tokenEndAt ?? absoluteEndAt) - now),
  };
}

/** Makes the body of a 200. */
export function aliveBody(record: SessionRecord, limits: Limits, now: number, refreshed: boolean): AliveBody {
  const { facts } = record;
  const { accessExpiresAt } = facts;
  return {
    accessTokenExpiresAt: accessExpiresAt === null ? null : new Date(accessExpiresAt).toISOString(),
    accessTokenExpiresIn: accessExpiresAt === null ? null : Math.max(0, Math.floor((accessExpiresAt - now) / 1000)),
    ...remaining(record, limits, now),
    idleTimeout: limits.idleMs / 1000,
    absoluteTimeout: limits.absoluteMs / 1000,
    nextBeatIn: nextBeatIn(facts, now, limits.idleMs),
    sessionId: facts.sessionId,
    user: facts.user,
    refreshed,
  };
}
