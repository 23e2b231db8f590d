import type { Context } from 'hono';
import type { SessionCookies } from '../hono/cookies.js';
import type { Logger } from '../observe/logger.js';
import type { Provider } from '../provider/provider.js';
import type { KeyRing } from '../record/key-ring.js';
import type { SessionService } from '../session/session-service.js';

/** What the routes share. */
export interface RouteContext {
  appOrigin: string;
  cookies: SessionCookies;
  provider: Provider;
  ring: KeyRing;
  service: SessionService;
  logger: Logger;
  /** Where the provider sends the browser after logout. */
  postLogoutRedirectUri: string | null;
  /** Absolute path below which the routes are, without a slash at the end. */
  mountOf(context: Context): string;
}

/**
 * The mount, learnt from the request: every route of ours is one segment below it. `basePath` says
 * it where a proxy in front cuts paths.
 */
export function mountFinder(basePath: string | undefined): (context: Context) => string {
  if (basePath !== undefined) return () => basePath;
  return ({ req }) => req.path.slice(0, req.path.lastIndexOf('/'));
}

/** The login, for links in pages; it goes on to `returnTo`, an address that was checked before. */
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
