import type { Context } from 'hono';
import { unreadRequest } from '../hono/unread-request.js';
import { problem } from '../http/problem.js';
import { readAtMost } from '../http/read-at-most.js';
import { logFailure } from '../observe/logger.js';
import { type KeyFinder, type Refusal, RefusedToken, readLogoutToken } from './read-logout-token.js';
import type { RouteContext } from './route-context.js';

/** The longest body that is read, in bytes. It is a form with one JWT. */
const MAX_FORM_BYTES = 32_768;

/**
 * Reads the `logout_token` of a form. `null` if there is not exactly one, `undefined` if the sender
 * has closed the connection. A longer body than a form's is not read.
 */
async function readToken(request: Request): Promise<string | null | undefined> {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/x-www-form-urlencoded' || !request.body) return null;
  const bytes = await readAtMost(request.body, MAX_FORM_BYTES).catch(() => undefined);
  if (!bytes) return bytes;
  const tokens = new URLSearchParams(Buffer.from(bytes).toString('utf8')).getAll('logout_token');
  return tokens.length === 1 ? tokens[0] || null : null;
}

async function carryOut({ provider, service, logger }: RouteContext, keys: KeyFinder, token: string): Promise<void> {
  const { server } = await provider.access();
  if (!server.jwks_uri) throw new TypeError('the provider has no jwks_uri');
  const { clientId } = provider.settings;
  const logout = await readLogoutToken(token, { issuer: server.issuer, clientId, keys: keys(server.jwks_uri) });
  const ended = await service.endByProvider(logout);
  if (ended === null) throw new RefusedToken({ reason: 'replayed' });
  logger.info({ event: 'backchannel.end', ended }, 'sessions ended by the identity provider');
}

/**
 * `POST backchannel-logout`: the provider ends sessions (OpenID Connect Back-Channel Logout section
 * 2.5). The answer is 200 when they have ended. It is 400 for a token that is not the provider's,
 * is no logout token, or was used before, and the log has the reason. It is 503 if the token cannot
 * be checked or the logout cannot be stored.
 */
export async function backchannelLogout(routes: RouteContext, keys: KeyFinder, context: Context): Promise<Response> {
  const { logger } = routes;
  const refuse = (refusal: Refusal | null): Response => {
    if (refusal)
      logger.warn({ event: 'backchannel.refuse', ...refusal }, 'back-channel logout: the logout token was refused');
    return problem(400, 'bad_logout_token', 'The logout token was not accepted', {
      members: { error: 'invalid_request' },
    });
  };
  const token = await readToken(await unreadRequest(context));
  // A request that broke off is not refused: its sender has closed the connection.
  if (!token) return refuse(token === null ? { reason: 'bad_request' } : null);
  try {
    await carryOut(routes, keys, token);
    return new Response(null, { status: 200, headers: { 'Cache-Control': 'no-store' } });
  } catch (error) {
    if (error instanceof RefusedToken) return refuse(error.refusal);
    logFailure(logger, 'error', error, 'back-channel logout: cannot be carried out now', { event: 'backchannel.fail' });
    return problem(503, 'try_later', 'The logout cannot be carried out now', { headers: { 'Retry-After': '10' } });
  }
}
