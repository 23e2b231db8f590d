import type { Context } from 'hono';
import { setCookie } from 'hono/cookie';
import { calculatePKCECodeChallenge, generateRandomCodeVerifier, generateRandomNonce } from 'oauth4webapi';
import { clearAttempts, hiddenCookie, readSessionCookie } from '../hono/cookies.js';
import { messagePage } from '../hono/page.js';
import { isNavigation, notANavigation } from '../http/is-navigation.js';
import { errorFacts } from '../observe/logger.js';
import {
  ATTEMPT_SECONDS,
  attemptAge,
  attemptId,
  type LoginAttempt,
  MAX_ATTEMPTS,
  sealAttempt,
} from './login-attempt.js';
import { safeReturnTo } from './return-to.js';
import { loginLink, type RouteContext } from './route-context.js';
import { readName } from './signed-in-page.js';

/**
 * After the absolute limit the provider must ask for the credentials again. Otherwise its own
 * session would sign the user in at once, and the limit would have no effect.
 */
async function endedByLimit({ service, cookies }: RouteContext, context: Context): Promise<boolean> {
  const cookie = readSessionCookie(context, cookies);
  if (!cookie) return false;
  try {
    const verdict = await service.peek(cookie);
    return verdict.kind === 'over' && verdict.reason === 'absolute_timeout';
  } catch {
    // The login itself needs no store. If the store is away, the callback fails.
    return false;
  }
}

/** Keeps the newest attempts. Each tab may log in, but the cookies must not grow without limit. */
const dropOldest = ({ cookies }: RouteContext, context: Context): void =>
  clearAttempts(context, cookies, (attempts) =>
    attempts.sort(([, one], [, other]) => attemptAge(other) - attemptAge(one)).slice(MAX_ATTEMPTS - 1),
  );

/**
 * Returns the address of the page at the end of a login in a pop-up. It tells the tabs of `name`.
 */
function popupEnd(signedIn: string, name: string | undefined): string {
  const url = new URL(signedIn);
  if (name) url.searchParams.set('name', name);
  return url.href;
}

/**
 * `GET login`: sends the browser to the provider (authorization code flow with PKCE: OpenID Connect
 * Core section 3.1.2.1, RFC 7636). Nothing is stored before the callback: the attempt travels
 * sealed in `state`, and a small cookie binds it to the browser. A request that is no navigation
 * begins no login.
 */
export async function login(routes: RouteContext, context: Context): Promise<Response> {
  const { appOrigin, cookies, provider, ring, logger } = routes;
  if (!isNavigation(context.req.raw)) return notANavigation();
  const mount = routes.mountOf(context);
  const popup = context.req.query('popup') === '1';
  const returnTo = popup
    ? popupEnd(`${appOrigin}${mount}/signed-in`, readName(context.req.query('name')))
    : safeReturnTo(context.req.query('returnTo'), { appOrigin, mount });
  let endpoint: URL;
  try {
    const { server } = await provider.access();
    endpoint = new URL(server.authorization_endpoint ?? '');
  } catch (error) {
    logger.error({ event: 'provider.away', ...errorFacts(error) }, 'login: the identity provider cannot be asked');
    const text = 'Signing in is not possible at the moment.';
    return messagePage(
      context,
      503,
      text,
      { ...loginLink(routes, context, returnTo), label: 'Try again' },
      { 'Retry-After': '10' },
    );
  }
  const attempt: LoginAttempt = {
    nonce: generateRandomNonce(),
    verifier: generateRandomCodeVerifier(),
    returnTo,
    fresh: await endedByLimit(routes, context),
    startedAt: Math.floor(Date.now() / 1_000),
  };
  const { state, cookie } = await sealAttempt(ring, attempt);
  const parameters: Record<string, string> = {
    ...provider.settings.authParams,
    ...(attempt.fresh ? { max_age: '0' } : {}),
    response_type: 'code',
    client_id: provider.settings.clientId,
    redirect_uri: `${appOrigin}${mount}/callback`,
    scope: provider.settings.scope,
    state,
    nonce: attempt.nonce,
    code_challenge: await calculatePKCECodeChallenge(attempt.verifier),
    code_challenge_method: 'S256',
  };
  for (const [name, value] of Object.entries(parameters)) endpoint.searchParams.set(name, value);
  dropOldest(routes, context);
  setCookie(context, cookies.attempts + attemptId(state), cookie, {
    ...hiddenCookie(cookies),
    maxAge: ATTEMPT_SECONDS,
  });
  context.header('Cache-Control', 'private, no-store');
  context.header('Referrer-Policy', 'no-referrer');
  logger.debug({ event: 'login.begin' }, 'login: the browser is sent to the identity provider');
  return context.redirect(endpoint.href, 303);
}
