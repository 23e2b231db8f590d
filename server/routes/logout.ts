import type { Context } from 'hono';
import { clearSessionCookies, readSessionCookie } from '../hono/cookies.js';
import { isByScript } from '../http/is-navigation.js';
import { checkOrigin, hasOwnHeader } from '../http/origin-check.js';
import { refuseOrigin } from '../http/refuse-origin.js';
import { logFailure } from '../observe/logger.js';
import { endSessionEndpoint, endSessionUrl } from './end-session-url.js';
import { leaveForProvider } from './provider-logout-route.js';
import type { RouteContext } from './route-context.js';

/**
 * Returns the address to which the browser goes to end the provider's session too. A script gets an
 * address of this server, because its answer must hold no token.
 */
async function nextLocation(
  routes: RouteContext,
  context: Context,
  { idToken, isFetch }: { idToken: string | null; isFetch: boolean },
): Promise<string> {
  const endpoint = await endSessionEndpoint(routes);
  if (!endpoint) return `${routes.appOrigin}/`;
  return isFetch ? leaveForProvider(routes, context, idToken) : endSessionUrl(routes, endpoint, idToken);
}

/**
 * `POST logout`: a form of the application's own pages is answered with a redirect (303), and a
 * script, known by the contract's header or by what its browser says, with `{ location }`.
 * Idempotent, and clears the cookies even if the store is down. Revocation goes on after the
 * answer.
 */
export async function logout(routes: RouteContext, context: Context): Promise<Response> {
  const { appOrigin, cookies, service, logger } = routes;
  const needHeader = hasOwnHeader(context.req.raw);
  // A script can read the address to which a redirect has led, if the provider allows it (CORS).
  const isFetch = needHeader || isByScript(context.req.raw);
  if (!checkOrigin(context.req.raw, { appOrigin, needHeader })) {
    return refuseOrigin(context.req.raw, logger, 'The request comes from another site');
  }
  const cookie = readSessionCookie(context, cookies);
  let location = `${appOrigin}/`;
  if (cookie) {
    try {
      const ended = await service.end(cookie, 'revoked');
      if (ended) location = await nextLocation(routes, context, { idToken: ended.idToken, isFetch });
    } catch (error) {
      logFailure(logger, 'error', error, 'logout: the end cannot be stored', { event: 'logout.fail' });
    }
  }
  clearSessionCookies(context, cookies);
  context.header('Cache-Control', 'private, no-store');
  context.header('Referrer-Policy', 'no-referrer');
  if (isFetch) return context.json({ location });
  return context.redirect(location, 303);
}
