import { isJsonObject } from '../contract.js';
import type { KeyRing } from './key-ring.js';
import type { TokenSet } from './token-set.js';

/**
 * What is sealed of a session: its tokens, and what must not be changed by whoever can write to the
 * store.
 */
export interface SealedSession {
  tokens: TokenSet;
  issuer: string;
  subject: string;
  createdAt: number;
  absoluteEndAt: number;
}

export function sealSession(ring: KeyRing, key: string, session: SealedSession): Promise<string> {
  return ring.seal(key, { ...session });
}

const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const numberOrNull = (value: unknown): number | null => (typeof value === 'number' ? value : null);

/** The sealed session, or `null` where the ring does not open it. */
export async function openSession(ring: KeyRing, key: string, sealed: string): Promise<SealedSession | null> {
  const payload = await ring.open(key, sealed);
  const tokens = payload?.tokens;
  if (!payload || !isJsonObject(tokens)) return null;
  return {
    tokens: {
      accessToken: textOrNull(tokens.accessToken) ?? '',
      accessTokenExpiresIn: numberOrNull(tokens.accessTokenExpiresIn),
      refreshToken: textOrNull(tokens.refreshToken),
      refreshExpiresIn: numberOrNull(tokens.refreshExpiresIn),
      idToken: textOrNull(tokens.idToken),
      scope: textOrNull(tokens.scope),
    },
    issuer: textOrNull(payload.issuer) ?? '',
    subject: textOrNull(payload.subject) ?? '',
    createdAt: numberOrNull(payload.createdAt) ?? 0,
    absoluteEndAt: numberOrNull(payload.absoluteEndAt) ?? 0,
  };
}
