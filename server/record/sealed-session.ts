import { isJsonObject } from '../contract.js';
import type { KeyRing } from './key-ring.js';
import type { TokenSet } from './token-set.js';

/**
 * The sealed part of a session: its tokens, and the members that nobody with write access to the
 * store may change.
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

/** Opens a sealed session. `null` if no key of the ring opens it. */
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
