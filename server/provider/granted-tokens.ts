import { decodeJwt, decodeProtectedHeader } from 'jose';
import type { SealedSession } from '../record/sealed-session.js';
import type { TokenSet } from '../record/token-set.js';
import type { IssuerAccess } from './issuer-access.js';

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
const seconds = (value: unknown): number | null => {
  const number = typeof value === 'string' ? Number.parseFloat(value) : value;
  return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? number : null;
};

/**
 * The refresh token's idle time in seconds, as Keycloak and others name it; no RFC has it. `null`
 * where the answer does not say.
 */
export function refreshExpiresIn(json: Record<string, unknown>): number | null {
  return seconds(json.refresh_expires_in ?? json.refresh_token_expires_in);
}

/**
 * The tokens after a grant: what the answer lacks stays as it was, above all the refresh token (RFC
 * 6749 section 6).
 */
export function grantedTokens(before: TokenSet, json: Record<string, unknown>): TokenSet {
  const accessToken = text(json.access_token);
  return {
    accessToken: accessToken ?? before.accessToken,
    accessTokenExpiresIn: accessToken === null ? 0 : seconds(json.expires_in),
    refreshToken: text(json.refresh_token) ?? before.refreshToken,
    refreshExpiresIn: refreshExpiresIn(json),
    idToken: text(json.id_token) ?? before.idToken,
    scope: text(json.scope) ?? before.scope,
  };
}

/**
 * Whether a refreshed ID token is this session's (OpenID Connect Core section 12.2): the same
 * issuer, subject and audience. One that cannot be read (encrypted, malformed) says nothing and is
 * `unreadable`, and one that is `expired` or of an algorithm that the provider does not announce
 * (`algorithm`) is not worth keeping: the access token's life counts.
 */
export function judgeIdToken(
  idToken: unknown,
  session: Pick<SealedSession, 'issuer' | 'subject'>,
  issuer: Pick<IssuerAccess, 'server' | 'client'>,
): 'same' | 'other' | 'expired' | 'algorithm' | 'unreadable' {
  if (typeof idToken !== 'string') return 'same';
  try {
    const { iss, sub, aud, exp } = decodeJwt(idToken);
    const audiences = Array.isArray(aud) ? aud : [aud];
    const { client_id: clientId } = issuer.client;
    if (iss !== session.issuer || sub !== session.subject || !audiences.includes(clientId)) return 'other';
    const announced = issuer.server.id_token_signing_alg_values_supported ?? ['RS256'];
    if (!announced.includes(decodeProtectedHeader(idToken).alg ?? '')) return 'algorithm';
    return typeof exp === 'number' && exp * 1000 < Date.now() ? 'expired' : 'same';
  } catch {
    return 'unreadable';
  }
}
