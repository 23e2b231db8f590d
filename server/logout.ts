import type { Context } from 'hono';
import { clearSessionCookies, readSessionCookie } from './cookies.js';
import { checkOrigin, hasOwnHeader } from './origin-check.js';
import { problem } from './problem.js';
import type { RouteContext } from './route-context.js';
import { logFailure } from './session/logger.js';

/** How long a logout waits for the provider's metadata, in milliseconds: signing out must not hang on somebody else. */
const METADATA_PATIENCE = 2_000;

/** Where the browser goes to end the provider's session too (OpenID Connect RP-Initiated Logout section 2). */
async function endSessionUrl(
  { provider, postLogoutRedirectUri, appOrigin }: RouteContext,
  idToken: string | null,
): Promise<string> {
  const home = `${appOrigin}/`;
  const patience = new Promise<null>((resolve) => {
    setTimeout(resolve, METADATA_PATIENCE, null).unref();
  });
  const access = await Promise.race([provider.access().catch(() => null), patience]);
  const endpoint = access?.server.end_session_endpoint;
  if (!endpoint || !URL.canParse(endpoint)) return home;
  const url = new URL(endpoint);
  url.searchParams.set('client_id', provider.settings.clientId);
  if (idToken) url.searchParams.set('id_token_hint', idToken);
  if (postLogoutRedirectUri) url.searchParams.set('post_logout_redirect_uri', postLogoutRedirectUri);
  return url.href;
}

/**
 * `POST logout`: a form of the application's own pages is answered with a redirect (303), a fetch with the contract's header with
 * `{ location }`. Idempotent, and clears the cookies even where the store is down. Revocation goes on beside the answer.
 */
export async function logout(routes: RouteContext, context: Context): Promise<Response> {
  const { appOrigin, cookies, service, logger } = routes;
  const isFetch = hasOwnHeader(context.req.raw);
  if (!checkOrigin(context.req.raw, { appOrigin, needHeader: isFetch })) {
    return problem(403, 'cross_origin', 'The request comes from another site');
  }
  const cookie = readSessionCookie(context, cookies);
  let location = `${appOrigin}/`;
  if (cookie) {
    try {
      const ended = await service.end(cookie, 'revoked');
      if (ended) location = await endSessionUrl(routes, ended.idToken);
    } catch (error) {
      logFailure(logger, 'error', error, 'logout: the end cannot be stored');
    }
  }
  clearSessionCookies(context, cookies);
  context.header('Cache-Control', 'private, no-store');
  context.header('Referrer-Policy', 'no-referrer');
  if (isFetch) return context.json({ location });
  return context.redirect(location, 303);
}
