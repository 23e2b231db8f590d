import type { Context } from 'hono';
import { readSessionCookie } from '../hono/cookies.js';
import { namesOtherOrigin } from '../http/origin-check.js';
import { refuseOrigin } from '../http/refuse-origin.js';
import { verdictResponse } from '../verdict/verdict-response.js';
import { unlessWithheld } from '../verdict/withheld-cookie.js';
import type { RouteContext } from './route-context.js';

/**
 * `GET session`: tells what is left of the session. It extends nothing, and does not ask the
 * provider. It is refused if the browser says that another site asks.
 */
export async function sessionRoute(
  routes: Pick<RouteContext, 'appOrigin' | 'service' | 'cookies' | 'logger'>,
  context: Context,
): Promise<Response> {
  const site = context.req.header('sec-fetch-site');
  const isForeign = site !== undefined && site !== 'same-origin' && site !== 'none';
  if (isForeign || namesOtherOrigin(context.req.raw, routes.appOrigin)) {
    return refuseOrigin(context.req.raw, routes.logger, 'The request comes from another site');
  }
  const cookie = readSessionCookie(context, routes.cookies);
  return verdictResponse(
    unlessWithheld(context.req.raw, cookie, await routes.service.peek(cookie)),
    routes.cookies.readable,
  );
}
