import { createHash } from 'node:crypto';
import type { KeyRing } from './session/key-ring.js';

/** How long a login may take, in seconds. */
export const ATTEMPT_SECONDS = 600;
/** Logins under way in one browser at most: cookies have room for no more. */
export const MAX_ATTEMPTS = 5;

/** What the callback must know of the login that it ends. Nothing of it is stored on the server. */
export interface LoginAttempt {
  state: string;
  nonce: string;
  verifier: string;
  /** Absolute URL. */
  returnTo: string;
  /** The provider was told `max_age=0`: it must have asked for the credentials anew. */
  fresh: boolean;
  /** When the login began, in seconds since the epoch. */
  startedAt: number;
}

/** The part of a cookie's name that tells attempts apart: a hash, so that the name does not give the state away. */
export function attemptId(state: string): string {
  return createHash('sha256').update(state).digest('base64url').slice(0, 16);
}

/** When an attempt was made, in seconds since the epoch: only a hint of which is the oldest, since nothing proves it before opening. */
export function attemptAge(value: string): number {
  return Number.parseInt(value, 36) || 0;
}

const contextOf = (state: string): string => `login attempt ${attemptId(state)}`;

/** The cookie's value for an attempt. */
export async function sealAttempt(ring: KeyRing, attempt: LoginAttempt): Promise<string> {
  return `${attempt.startedAt.toString(36)}.${await ring.seal(contextOf(attempt.state), { ...attempt })}`;
}

/** The attempt of `state`, or `null` where the value is not one of ours, too old, another attempt's, or sealed under a key that is gone. */
export async function openAttempt(ring: KeyRing, state: string, value: string): Promise<LoginAttempt | null> {
  const fields = await ring.open(contextOf(state), value.slice(value.indexOf('.') + 1));
  if (!fields || fields.state !== state) return null;
  const { nonce, verifier, returnTo, fresh, startedAt } = fields;
  const texts = typeof nonce === 'string' && typeof verifier === 'string' && typeof returnTo === 'string';
  if (!texts || typeof startedAt !== 'number') return null;
  const age = Date.now() / 1_000 - startedAt;
  if (age > ATTEMPT_SECONDS || age < -ATTEMPT_SECONDS) return null;
  return { state, nonce, verifier, returnTo, fresh: fresh === true, startedAt };
}
