import type { MiddlewareHandler } from 'hono';
import { readSessionCookie, type SessionCookies } from './hono/cookies.js';
import { checkOrigin } from './http/origin-check.js';
import { PRIVATE_HEADERS, problem } from './http/problem.js';
import type { SessionAccess, SessionService } from './session/session-service.js';
import { verdictResponse } from './verdict/verdict-response.js';
import { unlessWithheld } from './verdict/withheld-cookie.js';

/** What `requireSession` needs of the app that `createKeepaliveApp` returns. */
export interface SessionGuardSource {
  readonly appOrigin: string;
  readonly cookies: SessionCookies;
  readonly service: SessionService;
}

export interface SessionVariables {
  Variables: { session: SessionAccess };
}

/**
 * Tells if an answer may be kept by a cache because its route says nothing about that. The answer
 * to an upgrade is no answer that a cache could keep, and no copy of it can be made.
 */
const isOpenToCaches = ({ status, headers }: Response): boolean => status !== 101 && !headers.has('Cache-Control');

/**
 * Guards routes of the application: `c.var.session` is the session with a fresh access token,
 * refreshed through the same single flight as the beat. A token that is due but has not expired is
 * handed out at once and refreshed beside. Never moves the idle limit: only a person does.
 *
 * An answer is `Cache-Control: private, no-store`, unless the route sets that header itself: a page
 * that a cache keeps is shown to the next user of the browser.
 *
 * Answers 401 with the contract's `reason` where there is no session; 503 with `Retry-After` where
 * its token has expired and no other can be had now; and 403 to any method but GET and HEAD that
 * does not come from the application's own pages (`Sec-Fetch-Site`, else `Origin`). Throws a
 * TypeError if `keepalive` has no session service (an application with sessions of its own guards
 * its routes itself).
 *
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
