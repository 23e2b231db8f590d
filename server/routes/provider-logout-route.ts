import type { Context } from 'hono';
import { setCookie } from 'hono/cookie';
import { hiddenCookie, type SessionCookies } from '../hono/cookies.js';
import { isNavigation, notANavigation } from '../http/is-navigation.js';
import { readCookie } from '../http/read-cookie.js';
import { type Logger, logFailure } from '../observe/logger.js';
import { LOGOUT_HINT_MS } from '../session/logout-hint.js';
import { endSessionEndpoint, endSessionUrl } from './end-session-url.js';
import type { RouteContext } from './route-context.js';

export const PROVIDER_LOGOUT = '/provider-logout';

const cookieName = ({ session }: SessionCookies): string => `${session}-logout`;

const notShown = (logger: Logger, error: unknown): void =>
  logFailure(logger, 'warn', error, 'logout: the ID token cannot be shown to the provider', { event: 'logout.fail' });

/**
 * Makes the address of this server to which a script goes after a logout. The ID token that the
 * provider wants to see waits in the store. Only this browser has the reference to it, in a cookie
 * that no script can read.
 */
export async function leaveForProvider(
  routes: RouteContext,
  context: Context,
  idToken: string | null,
): Promise<string> {
  const { appOrigin, cookies, service, logger } = routes;
  try {
    const reference = idToken === null ? null : await service.leaveLogoutHint(idToken);
    const cookie = { ...hiddenCookie(cookies), maxAge: LOGOUT_HINT_MS / 1_000 };
    if (reference !== null) setCookie(context, cookieName(cookies), reference, cookie);
  } catch (error) {
    notShown(logger, error);
  }
  return `${appOrigin}${routes.mountOf(context)}${PROVIDER_LOGOUT}`;
}

/** Takes the ID token that waits for this browser. It can be taken once. */
async function takeHint({ cookies, service, logger }: RouteContext, context: Context): Promise<string | null> {
  const name = cookieName(cookies);
  const reference = readCookie(context.req.header('cookie') ?? null, name);
  if (reference === null) return null;
  setCookie(context, name, '', { ...hiddenCookie(cookies), maxAge: 0 });
  return service.takeLogoutHint(reference).catch((error: unknown) => {
    notShown(logger, error);
    return null;
  });
}

/**
 * `GET provider-logout`: sends the browser on to the provider's end-session endpoint, and home if
 * there is none. Without a hint (it came too late, or a second time) the provider asks the user.
 */
export async function providerLogout(routes: RouteContext, context: Context): Promise<Response> {
  context.header('Cache-Control', 'private, no-store');
  context.header('Referrer-Policy', 'no-referrer');
  // A prefetch would use up the hint.
  if (!isNavigation(context.req.raw)) return notANavigation();
  const endpoint = await endSessionEndpoint(routes);
  if (!endpoint) return context.redirect(`${routes.appOrigin}/`, 303);
  return context.redirect(endSessionUrl(routes, endpoint, await takeHint(routes, context)), 303);
}
