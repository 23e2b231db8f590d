import type { Context } from 'hono';
import type { SessionCookies } from '../hono/cookies.js';
import type { Logger } from '../observe/logger.js';
import type { Provider } from '../provider/provider.js';
import type { KeyRing } from '../record/key-ring.js';
import type { SessionService } from '../session/session-service.js';

/** The context that the routes share. */
export interface RouteContext {
  appOrigin: string;
  cookies: SessionCookies;
  provider: Provider;
  ring: KeyRing;
  service: SessionService;
  logger: Logger;
  /** The address to which the provider sends the browser after a logout. */
  postLogoutRedirectUri: string | null;
  /** Absolute path below which the routes are, without a slash at the end. */
  mountOf(context: Context): string;
}

/**
 * Finds the mount from the request: every route is one segment below it. `basePath` names it if a
 * proxy in front of the server cuts paths.
 */
export function mountFinder(basePath: string | undefined): (context: Context) => string {
  if (basePath !== undefined) return () => basePath;
  return ({ req }) => req.path.slice(0, req.path.lastIndexOf('/'));
}

/** Makes a link to the login. It goes on to `returnTo`, an address that was checked before. */
export function loginLink(routes: Pick<RouteContext, 'appOrigin' | 'mountOf'>, context: Context, returnTo?: string) {
  const mount = routes.appOrigin + routes.mountOf(context);
  const url = new URL(`${mount}/login`);
  const end = returnTo ? new URL(returnTo) : null;
  if (end && end.origin + end.pathname === `${mount}/signed-in`) {
    url.search = end.search;
    url.searchParams.set('popup', '1');
  } else if (returnTo && returnTo !== `${routes.appOrigin}/`) url.searchParams.set('returnTo', returnTo);
  return { href: url.href, label: 'Sign in' };
}
