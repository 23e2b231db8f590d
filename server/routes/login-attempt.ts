import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { KeyRing } from '../record/key-ring.js';

/** How long a login may take, in seconds. */
export const ATTEMPT_SECONDS = 600;
/**
 * How many logins one browser may have under way. Each needs 66 bytes of cookies, and servers
 * commonly accept 8 KiB for all cookies of a host.
 */
export const MAX_ATTEMPTS = 20;

/** The facts of a login that its callback needs. They are not stored on the server. */
export interface LoginAttempt {
  nonce: string;
  verifier: string;
  /** Absolute URL. */
  returnTo: string;
  /** The provider got `max_age=0`, so it must have asked for the credentials again. */
  fresh: boolean;
  /** When the login began, in seconds since the epoch. */
  startedAt: number;
}

/**
 * A login that begins. `state` goes to the provider and comes back, and `cookie` stays in the
 * browser.
 */
export interface SealedAttempt {
  state: string;
  cookie: string;
}

/**
 * An attempt that came back in `state`, with the fact whether it began in the same browser.
 */
export interface OpenedAttempt extends LoginAttempt {
  isOwn: boolean;
}

const CONTEXT = 'login attempt';

/**
 * Returns the part of a cookie's name that distinguishes attempts. It is a hash, so that the name
 * does not reveal the state.
 */
export function attemptId(state: string): string {
  return createHash('sha256').update(state).digest('base64url').slice(0, 11);
}

/**
 * Returns when an attempt was made, in seconds since the Unix epoch. It only helps find the oldest.
 */
export function attemptAge(cookie: string): number {
  return Number.parseInt(cookie, 36) || 0;
}

const hashOf = (cookie: string): string => createHash('sha256').update(cookie).digest('base64url');

function isSame(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/**
 * Seals an attempt into its `state` (RFC 6749 section 10.12), so that it needs no room in the
 * browser. Tabs that a browser restores at once know nothing of each other, and the sizes of their
 * cookies would add up. The cookie is a random value that binds the state to this browser.
 */
export async function sealAttempt(ring: KeyRing, attempt: LoginAttempt): Promise<SealedAttempt> {
  const cookie = `${attempt.startedAt.toString(36)}.${randomBytes(16).toString('base64url')}`;
  return { state: await ring.seal(CONTEXT, { ...attempt, binding: hashOf(cookie) }), cookie };
}

/**
 * Opens the attempt in `state`. `null` if this server has not made it, if it is too old, or if its
 * key is gone.
 */
export async function openAttempt(ring: KeyRing, state: string, cookie: string | null): Promise<OpenedAttempt | null> {
  const fields = await ring.open(CONTEXT, state);
  if (!fields) return null;
  const { nonce, verifier, returnTo, fresh, startedAt, binding } = fields;
  const texts = typeof nonce === 'string' && typeof verifier === 'string' && typeof returnTo === 'string';
  if (!texts || typeof startedAt !== 'number' || typeof binding !== 'string') return null;
  const age = Date.now() / 1_000 - startedAt;
  if (age > ATTEMPT_SECONDS || age < -ATTEMPT_SECONDS) return null;
  const isOwn = cookie !== null && isSame(hashOf(cookie), binding);
  return { nonce, verifier, returnTo, fresh: fresh === true, startedAt, isOwn };
}
