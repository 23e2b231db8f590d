import { createRemoteJWKSet, customFetch, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { isJsonObject } from '../contract.js';
import { boundedFetch } from '../provider/bounded-fetch.js';
import { CLOCK_TOLERANCE_MS } from '../session/provider-logout.js';
import type { ProviderLogout } from '../session/session-service.js';

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
/** Older Keycloak says `JWT`. */
const TYPES: readonly unknown[] = ['logout+jwt', 'application/logout+jwt', 'jwt'];
const SIGNATURES = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
const CLOCK_TOLERANCE_SECONDS = CLOCK_TOLERANCE_MS / 1_000;
/**
 * Life of a token without `exp`, counted from `iat`: section 2.4 recommends two minutes at most.
 * Keycloak up to 23.0.3, authentik up to 2025.8.1 and Ory Hydra send such tokens.
 */
const LIFE_WITHOUT_EXP_SECONDS = 120;

export type KeyFinder = (jwksUri: string) => JWTVerifyGetKey;

/** One key set per address, so that keys are fetched once and again only when they rotate. */
export function createKeyFinder(): KeyFinder {
  const sets = new Map<string, JWTVerifyGetKey>();
  return (jwksUri) => {
    const known = sets.get(jwksUri) ?? createRemoteJWKSet(new URL(jwksUri), { [customFetch]: boundedFetch });
    sets.set(jwksUri, known);
    return known;
  };
}

type RefusalReason =
  | 'bad_request'
  | 'malformed_token'
  | 'unsupported_algorithm'
  | 'unknown_key'
  | 'bad_signature'
  | 'wrong_issuer'
  | 'wrong_audience'
  | 'wrong_claim'
  | 'missing_claim'
  | 'expired'
  | 'issued_in_the_future'
  | 'wrong_type'
  | 'no_logout_token'
  | 'replayed';

/** Why a logout token was refused. It quotes nothing of the token, whose signature may be wrong. */
export interface Refusal {
  reason: RefusalReason;
  /** The claim that is missing or wrong. */
  claim?: string;
  /** How many seconds ago the token expired, or in how many it will be issued, by our clock. */
  seconds?: number;
}

/** The token is bad. Other errors mean that it cannot be checked now. */
export class RefusedToken extends Error {
  override readonly name = 'RefusedToken';
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.reason);
    this.refusal = refusal;
  }
}

const now = (): number => Date.now() / 1_000;

/**
 * Returns the refusal for an error of jose, or `null` if the error says nothing about the token.
 */
function refusalOf(error: unknown): Refusal | null {
  if (error instanceof errors.JWTExpired) return { reason: 'expired', ...secondsSince(error.payload.exp) };
  if (error instanceof errors.JWTClaimValidationFailed) return wrongClaim(error.claim, error.reason);
  if (error instanceof errors.JWKSNoMatchingKey) return { reason: 'unknown_key' };
  if (error instanceof errors.JWKSMultipleMatchingKeys) return { reason: 'unknown_key' };
  if (error instanceof errors.JWSSignatureVerificationFailed) return { reason: 'bad_signature' };
  if (error instanceof errors.JOSEAlgNotAllowed) return { reason: 'unsupported_algorithm' };
  if (error instanceof errors.JOSENotSupported) return { reason: 'unsupported_algorithm' };
  if (error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid) return { reason: 'malformed_token' };
  return null;
}

const secondsSince = (instant: unknown): { seconds?: number } =>
  typeof instant === 'number' ? { seconds: Math.round(Math.abs(now() - instant)) } : {};

function wrongClaim(claim: string, reason: string): Refusal {
  if (reason === 'missing') return { reason: 'missing_claim', claim };
  if (claim === 'iss') return { reason: 'wrong_issuer' };
  if (claim === 'aud') return { reason: 'wrong_audience' };
  return { reason: 'wrong_claim', claim };
}

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

/**
 * The event, a subject or a session, an id, and no nonce: an ID token does not pass for a logout
 * token.
 */
const isLogout = (claims: JWTPayload): boolean =>
  isJsonObject(claims.events) &&
  isJsonObject(claims.events[EVENT]) &&
  !('nonce' in claims) &&
  (text(claims.sub) !== null || text(claims.sid) !== null) &&
  text(claims.jti) !== null;

/**
 * The end of the token's life, in seconds since the epoch. Throws if that has passed or its life
 * has not begun.
 */
function expiryOf({ iat = 0, exp = iat + LIFE_WITHOUT_EXP_SECONDS }: JWTPayload): number {
  if (iat > now() + CLOCK_TOLERANCE_SECONDS)
    throw new RefusedToken({ reason: 'issued_in_the_future', ...secondsSince(iat) });
  if (exp + CLOCK_TOLERANCE_SECONDS <= now()) throw new RefusedToken({ reason: 'expired', ...secondsSince(exp) });
  return exp;
}

/**
 * Reads a logout token (OpenID Connect Back-Channel Logout section 2.6). Throws a `RefusedToken`
 * for a bad one, and other errors if it cannot be checked now.
 */
export async function readLogoutToken(
  token: string,
  expected: { issuer: string; clientId: string; keys: JWTVerifyGetKey },
): Promise<ProviderLogout> {
  const { issuer, clientId, keys } = expected;
  const verified = jwtVerify(token, keys, {
    issuer,
    audience: clientId,
    algorithms: SIGNATURES,
    requiredClaims: ['iat', 'jti', 'events'],
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
  });
  const { payload, protectedHeader } = await verified.catch((error: unknown) => {
    const refusal = refusalOf(error);
    throw refusal ? new RefusedToken(refusal) : error;
  });
  if (!TYPES.includes(protectedHeader.typ?.toLowerCase())) throw new RefusedToken({ reason: 'wrong_type' });
  if (!isLogout(payload)) throw new RefusedToken({ reason: 'no_logout_token' });
  const { iat = 0, jti = '' } = payload;
  return {
    issuer,
    providerSessionId: text(payload.sid),
    subject: text(payload.sub),
    issuedAt: iat * 1_000,
    tokenId: jti,
    expiresAt: Math.min(expiryOf(payload) * 1_000 + CLOCK_TOLERANCE_MS, Number.MAX_SAFE_INTEGER),
  };
}
