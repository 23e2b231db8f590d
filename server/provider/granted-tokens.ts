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
 * Returns the refresh token's idle time in seconds, by the name that Keycloak and others use. No
 * RFC has it. `null` if the answer does not tell.
 */
export function refreshExpiresIn(json: Record<string, unknown>): number | null {
  return seconds(json.refresh_expires_in ?? json.refresh_token_expires_in);
}

/**
 * Returns the tokens after a grant. A token that the answer lacks stays as it was, above all the
 * refresh token (RFC 6749 section 6).
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
 * Checks that a refreshed ID token belongs to this session: the same issuer, subject and audience
 * (OpenID Connect Core section 12.2). One that cannot be read (encrypted, malformed) is
 * `unreadable`. One that is `expired`, or of an algorithm that the provider does not announce
 * (`algorithm`), is not kept. None of the three ends the session: the access token's life counts.
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
