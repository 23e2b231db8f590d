import type { SessionFacts } from '../store/store.js';

/**
 * Two grants of one session are never closer than this, unless the access token is shorter-lived
 * than four times it.
 */
const FLOOR_MS = 5_000;
/** The share of the access token's life that is left when a refresh is due. */
const DUE_SHARE = 0.3;

function floorOf({ accessLife }: SessionFacts): number {
  return accessLife === null || accessLife === 0 ? FLOOR_MS : Math.min(FLOOR_MS, accessLife / 4);
}

/** Returns when the access token is due for a refresh: 30 % of its life before its end. */
function tokenDueAt({ accessExpiresAt, accessLife }: SessionFacts): number {
  if (accessExpiresAt === null) return Number.POSITIVE_INFINITY;
  return accessExpiresAt - DUE_SHARE * (accessLife ?? 0);
}

/**
 * `grantedAt` in the future means that the clock was set back. Trusting it would delay every
 * refresh by as much.
 */
const wasSetBack = ({ grantedAt }: SessionFacts, now: number): boolean => now < grantedAt - FLOOR_MS;

/** Tells if an application's call needs a grant. Only the access token counts. */
export function isTokenDue(facts: SessionFacts, now: number): boolean {
  if (!facts.hasRefreshToken) return false;
  return wasSetBack(facts, now) || now >= Math.max(tokenDueAt(facts), facts.grantedAt + floorOf(facts));
}

/**
 * Tells if a beat needs a grant: the access token is due, or the refresh token was not used for so
 * long that its idle time could end, because beats without a grant do not reach the provider.
 */
export function isGrantDue(facts: SessionFacts, now: number, refreshAfterMs: number): boolean {
  if (!facts.hasRefreshToken) return false;
  const spread = facts.refreshIdle === null ? refreshAfterMs : Math.min(refreshAfterMs, facts.refreshIdle / 2);
  const useAt = facts.grantedAt + Math.max(FLOOR_MS, spread);
  return (
    wasSetBack(facts, now) || now >= Math.max(facts.grantedAt + floorOf(facts), Math.min(tokenDueAt(facts), useAt))
  );
}

/**
 * Returns the seconds until the server wants the next beat: the least of the time until the access
 * token is due, half the idle limit, and half the refresh token's idle time.
 */
export function nextBeatIn(facts: SessionFacts, now: number, idleMs: number): number {
  const due = facts.hasRefreshToken
    ? Math.max(tokenDueAt(facts), facts.grantedAt + floorOf(facts)) - now
    : (facts.accessExpiresAt ?? Number.POSITIVE_INFINITY) - now;
  const unused = facts.refreshIdle === null ? Number.POSITIVE_INFINITY : facts.grantedAt + facts.refreshIdle / 2 - now;
  return Math.max(1, Math.floor(Math.min(due, idleMs / 2, unused) / 1000));
}

/**
 * Activity is written only if it moves by at least this much, and the idle limit is enforced later
 * by as much. It may be small, because writes share their transactions. So an end comes when it was
 * announced.
 */
export const activityStep = (idleMs: number): number => Math.min(500, idleMs / 20);
