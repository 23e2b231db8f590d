import type { LaterReason } from '../contract.js';

/** The base of each `Retry-After`, before it is spread and capped, in seconds. */
export const RETRY_SECONDS: Record<LaterReason, number> = {
  rate_limited: 10,
  provider_unreachable: 5,
  provider_timeout: 5,
  provider_error: 5,
  provider_misconfigured: 30,
  store_unavailable: 5,
  busy: 2,
  cookie_withheld: 5,
  activity_unknown: 10,
  session_replaced: 1,
};

/**
 * Returns the seconds of a `Retry-After`. They are up to a fifth longer at random, so that clients
 * that were refused together do not come back together. They are never so long that the idle limit
 * could end the session before the next try.
 */
export function jitteredRetryAfter(
  seconds: number,
  idleExpiresIn: number | null,
  random: number = Math.random(),
): number {
  const most = Math.min(120, idleExpiresIn === null ? 120 : idleExpiresIn / 4);
  return Math.max(1, Math.min(most, Math.ceil(seconds * (1 + random / 5))));
}

/**
 * Reads the seconds of a `Retry-After` header (RFC 9110 section 10.2.3), at most 15 minutes. A date
 * is compared with the answer's own `Date`.
 */
export function readRetryAfter(headers: Headers): number | null {
  const text = headers.get('retry-after');
  if (text === null) return null;
  const date = Date.parse(headers.get('date') ?? '');
  const seconds = /^\d+$/.test(text.trim()) ? Number(text) : (Date.parse(text) - date) / 1000;
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(900, seconds) : null;
}
