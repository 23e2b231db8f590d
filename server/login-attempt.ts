import { createHash, hkdfSync } from 'node:crypto';
import { base64url, decodeProtectedHeader, EncryptJWT, jwtDecrypt } from 'jose';

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

export interface AttemptSeal {
  seal(attempt: LoginAttempt): Promise<string>;
  /** The attempt, or `null` where the value is not one of ours, is too old or was sealed under a key that is gone. */
  open(value: string): Promise<LoginAttempt | null>;
}

/** The part of a cookie's name that tells attempts apart: a hash, so that the name does not give the state away. */
export function attemptId(state: string): string {
  return createHash('sha256').update(state).digest('base64url').slice(0, 16);
}

/** When a sealed attempt was made, in seconds since the epoch; only a hint of which is the oldest, since nothing proves it before opening. */
export function attemptAge(value: string): number {
  try {
    const { iat } = decodeProtectedHeader(value);
    return typeof iat === 'number' ? iat : 0;
  } catch {
    return 0;
  }
}

/**
 * Seals attempts with jose (JWE `dir`, A256GCM; RFC 7516) under keys derived by HKDF (RFC 5869) from the ring: the first key seals, all open.
 * `keys` are base64url of 32 bytes.
 */
export function createAttemptSeal(keys: readonly string[]): AttemptSeal {
  const ring = keys.map((key) => {
    const derived = new Uint8Array(hkdfSync('sha256', base64url.decode(key), '', 'stillhere login attempt', 32));
    return { kid: createHash('sha256').update(derived).digest('base64url').slice(0, 8), derived };
  });
  const [first] = ring;
  if (!first) throw new TypeError('stillhere: option "keys" takes at least one key');
  return {
    seal: ({ startedAt, ...claims }) =>
      new EncryptJWT(claims)
        .setIssuedAt(startedAt)
        .setExpirationTime(startedAt + ATTEMPT_SECONDS)
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: first.kid, iat: startedAt })
        .encrypt(first.derived),
    async open(value) {
      try {
        const { kid } = decodeProtectedHeader(value);
        const key = ring.find((entry) => entry.kid === kid);
        if (!key) return null;
        const { payload } = await jwtDecrypt(value, key.derived, {
          keyManagementAlgorithms: ['dir'],
          contentEncryptionAlgorithms: ['A256GCM'],
          requiredClaims: ['iat', 'exp'],
        });
        const { state, nonce, verifier, returnTo, fresh, iat } = payload;
        const texts = [state, nonce, verifier, returnTo];
        if (!texts.every((text) => typeof text === 'string') || typeof iat !== 'number') return null;
        return {
          state: String(state),
          nonce: String(nonce),
          verifier: String(verifier),
          returnTo: String(returnTo),
          fresh: fresh === true,
          startedAt: iat,
        };
      } catch {
        return null;
      }
    },
  };
}
