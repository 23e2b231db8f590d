import { LONGEST_SECONDS } from '../contract.js';
import type { SessionFacts } from '../store/store.js';
import type { TokenSet } from './token-set.js';

const lifeMs = (seconds: number | null): number | null =>
  seconds === null || seconds > LONGEST_SECONDS ? null : Math.max(0, seconds) * 1000;

/**
 * Returns the access token's end and life. If the provider does not tell them, only its later
 * answers tell that the token has expired.
 */
function accessFacts(tokens: TokenSet, now: number) {
  const life = lifeMs(tokens.accessTokenExpiresIn);
  return { accessLife: life, accessExpiresAt: life === null ? null : now + life };
}

const positiveMs = (seconds: number | null): number | null => lifeMs(seconds) || null;

const least = (...values: (number | null)[]): number | null => {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.min(...known);
};

/** The facts of a new session. `idleMs` is the configured idle time of refresh tokens. */
export function firstFacts(
  handles: { sessionId: string; user: string },
  tokens: TokenSet,
  limits: { now: number; absoluteMs: number; refreshTokenIdleMs: number | null },
): SessionFacts {
  const { now, absoluteMs, refreshTokenIdleMs } = limits;
  const told = positiveMs(tokens.refreshExpiresIn);
  return {
    ...handles,
    createdAt: now,
    absoluteEndAt: now + absoluteMs,
    grantedAt: now,
    ...accessFacts(tokens, now),
    refreshIdle: least(told, refreshTokenIdleMs),
    refreshEndAt: told === null ? null : now + told,
    hasRefreshToken: tokens.refreshToken !== null,
  };
}

/**
 * Returns the facts after a grant. `refresh_expires_in` (Keycloak and others, no RFC has it) is an
 * idle limit as long as grants move its end. If a grant does not move it, it is the absolute end of
 * the session. If the clock was set back since the last grant, the two cannot be distinguished.
 */
export function grantedFacts(
  before: SessionFacts,
  tokens: TokenSet,
  limits: { now: number; refreshTokenIdleMs: number | null },
): SessionFacts {
  const { now, refreshTokenIdleMs } = limits;
  const told = positiveMs(tokens.refreshExpiresIn);
  const endAt = told === null ? null : now + told;
  const elapsed = now - before.grantedAt;
  const slides =
    endAt === null || before.refreshEndAt === null || elapsed < 0 || endAt - before.refreshEndAt > elapsed / 2;
  return {
    ...before,
    grantedAt: now,
    ...accessFacts(tokens, now),
    refreshIdle: least(slides ? told : null, refreshTokenIdleMs),
    refreshEndAt: endAt,
    absoluteEndAt: slides || endAt === null ? before.absoluteEndAt : Math.min(before.absoluteEndAt, endAt),
    hasRefreshToken: tokens.refreshToken !== null,
  };
}
