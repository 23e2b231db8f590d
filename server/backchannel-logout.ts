import type { Context } from 'hono';
import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { isJsonObject } from './contract.js';
import { problem } from './problem.js';
import { readAtMost } from './read-at-most.js';
import type { RouteContext } from './route-context.js';
import { logFailure } from './session/logger.js';
import { CLOCK_TOLERANCE_MS } from './session/provider-logout.js';
import { unreadRequest } from './unread-request.js';

/** Longest body that is read, in bytes: it is a form with one JWT. */
const MAX_FORM_BYTES = 32_768;
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

type KeyFinder = (jwksUri: string) => JWTVerifyGetKey;

/** One key set per address, so that keys are fetched once and again only when they rotate. */
export function createKeyFinder(): KeyFinder {
  const sets = new Map<string, JWTVerifyGetKey>();
  return (jwksUri) => {
    const known = sets.get(jwksUri) ?? createRemoteJWKSet(new URL(jwksUri));
    sets.set(jwksUri, known);
    return known;
  };
}

/** The `logout_token` of a form body, or `null`; reads no more than a form of ours can hold. */
async function readToken(request: Request): Promise<string | null> {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/x-www-form-urlencoded' || !request.body) return null;
  // One that breaks off is no failure of ours: whoever sent it has gone.
  const bytes = await readAtMost(request.body, MAX_FORM_BYTES).catch(() => null);
  if (bytes === null) return null;
  const tokens = new URLSearchParams(Buffer.from(bytes).toString('utf8')).getAll('logout_token');
  return tokens.length === 1 ? (tokens[0] ?? null) : null;
}

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** Whether the claims are a logout token's: the event, a subject or a session, and no nonce, so that no ID token passes for one. */
function isLogout(claims: JWTPayload): claims is JWTPayload & { iss: string; iat: number; exp: number; jti: string } {
  return (
    isJsonObject(claims.events) &&
    isJsonObject(claims.events[EVENT]) &&
    !('nonce' in claims) &&
    (text(claims.sub) !== null || text(claims.sid) !== null) &&
    text(claims.jti) !== null &&
    (claims.iat ?? 0) <= Date.now() / 1_000 + CLOCK_TOLERANCE_SECONDS
  );
}

/** Answers that this server cannot check the token now, as opposed to a token that is bad. */
const isOutage = (error: unknown): boolean =>
  !(error instanceof errors.JOSEError) || error instanceof errors.JWKSTimeout || error.code === 'ERR_JOSE_GENERIC';

/**
 * `POST backchannel-logout`: the provider ends sessions (OpenID Connect Back-Channel Logout section 2.5). 200 when they are ended, 400 for
 * a token that is not the provider's, is no logout token or was seen before; 503 where it cannot be checked or stored.
 */
export async function backchannelLogout(routes: RouteContext, keys: KeyFinder, context: Context): Promise<Response> {
  const { provider, service, logger } = routes;
  const refuse = (): Response =>
    problem(400, 'bad_logout_token', 'The logout token was not accepted', { members: { error: 'invalid_request' } });
  const token = await readToken(await unreadRequest(context));
  if (!token) return refuse();
  try {
    const { server } = await provider.access();
    if (!server.jwks_uri) throw new TypeError('the provider has no jwks_uri');
    const { payload, protectedHeader } = await jwtVerify(token, keys(server.jwks_uri), {
      issuer: server.issuer,
      audience: provider.settings.clientId,
      algorithms: SIGNATURES,
      requiredClaims: ['iat', 'exp', 'jti', 'events'],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
    });
    if (!TYPES.includes(protectedHeader.typ?.toLowerCase()) || !isLogout(payload)) return refuse();
    const { iss, iat, exp, jti } = payload;
    // Remembered last: a token whose logout could not be stored must be good for the provider's next try. Ending again ends nothing new,
    // since only sessions from before the token are meant.
    const ended = await service.endByProvider({
      issuer: iss,
      providerSessionId: text(payload.sid),
      subject: text(payload.sub),
      issuedAt: iat * 1_000,
    });
    if (!(await service.rememberOnce(`logout ${iss} ${jti}`, exp * 1_000 + CLOCK_TOLERANCE_MS))) return refuse();
    logger.info({ ended }, 'sessions ended by the identity provider');
    return new Response(null, { status: 200, headers: { 'Cache-Control': 'no-store' } });
  } catch (error) {
    if (!isOutage(error)) return refuse();
    logFailure(logger, 'error', error, 'back-channel logout: cannot be carried out now');
    return problem(503, 'try_later', 'The logout cannot be carried out now', { headers: { 'Retry-After': '10' } });
  }
}
