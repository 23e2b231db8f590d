import type { MiddlewareHandler } from 'hono';
import { readSessionCookie, type SessionCookies } from './hono/cookies.js';
import { checkOrigin } from './http/origin-check.js';
import { PRIVATE_HEADERS, problem } from './http/problem.js';
import type { SessionAccess, SessionService } from './session/session-service.js';
import { verdictResponse } from './verdict/verdict-response.js';
import { unlessWithheld } from './verdict/withheld-cookie.js';

/** The members of the app of `createKeepaliveApp` that `requireSession` needs. */
export interface SessionGuardSource {
  readonly appOrigin: string;
  readonly cookies: SessionCookies;
  readonly service: SessionService;
}

export interface SessionVariables {
  Variables: { session: SessionAccess };
}

/**
 * Tells if a cache may keep an answer because its route does not say otherwise. No cache can keep
 * the answer to an upgrade, and no copy of it can be made.
 */
const isOpenToCaches = ({ status, headers }: Response): boolean => status !== 101 && !headers.has('Cache-Control');

/**
 * Guards routes of the application. `c.var.session` is the session with a fresh access token, which
 * the same single flight refreshes as for beats. A token that is due for a refresh but has not
 * expired is handed out at once, and refreshed in the background. A request never moves the idle
 * limit: only the user's activity does.
 *
 * An answer is `Cache-Control: private, no-store`, unless the route sets that header itself. A page
 * that a cache keeps could be shown to the next user of the browser.
 *
 * It answers 401 with the contract's `reason` if there is no session, and 503 with `Retry-After` if
 * the access token has expired and no new one can be had now. It answers 403 to a method other than
 * GET and HEAD that does not come from the application's own pages (`Sec-Fetch-Site`, otherwise
 * `Origin`).
 *
 * @throws {TypeError} if `keepalive` has no session service: an application with sessions of its
 * own guards its routes itself.
 * @example
 * import { Hono } from 'hono';
 * import { type OidcKeepaliveApp, requireSession } from 'stillhere/server';
 *
 * export const apiOf = (keepalive: OidcKeepaliveApp) =>
 *   new Hono().get('/api/orders', requireSession(keepalive), (c) => {
 *     const { accessToken } = c.var.session;
 *     const headers = { Authorization: `Bearer ${accessToken}` };
 *     return fetch('https://orders.example', { headers });
 *   });
 */
export function requireSession(keepalive: SessionGuardSource): MiddlewareHandler<SessionVariables> {
  const { appOrigin, cookies, service } = keepalive;
  if (!appOrigin || !cookies || !service) {
    throw new TypeError('stillhere: requireSession takes what createKeepaliveApp returns for the option "oidc"');
  }
  return async function requireSession(context, next) {
    const { method } = context.req;
    if (method !== 'GET' && method !== 'HEAD' && !checkOrigin(context.req.raw, { appOrigin, needHeader: false })) {
      return problem(403, 'cross_origin', 'The request comes from another site');
    }
    const cookie = readSessionCookie(context, cookies);
    const result = unlessWithheld(context.req.raw, cookie, await service.access(cookie));
    if (result.kind !== 'access') return verdictResponse(result);
    context.set('session', result.access);
    await next();
    if (isOpenToCaches(context.res)) context.header('Cache-Control', PRIVATE_HEADERS['Cache-Control']);
    return undefined;
  };
}
