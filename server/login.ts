import type { Context } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import {
  calculatePKCECodeChallenge,
  generateRandomCodeVerifier,
  generateRandomNonce,
  generateRandomState,
} from 'oauth4webapi';
import { hiddenCookie, readSessionCookie } from './cookies.js';
import {
  ATTEMPT_SECONDS,
  attemptAge,
  attemptId,
  type LoginAttempt,
  MAX_ATTEMPTS,
  sealAttempt,
} from './login-attempt.js';
import { messagePage } from './page.js';
import { safeReturnTo } from './return-to.js';
import { loginLink, type RouteContext } from './route-context.js';
import { errorFacts } from './session/logger.js';

/** After the absolute limit the provider must ask for the credentials: its own session must not undo ours. */
async function endedByLimit({ service, cookies }: RouteContext, context: Context): Promise<boolean> {
  const cookie = readSessionCookie(context, cookies);
  if (!cookie) return false;
  try {
    const verdict = await service.peek(cookie);
    return verdict.kind === 'over' && verdict.reason === 'absolute_timeout';
  } catch {
    // A store that is down fails the callback; the login itself needs none.
    return false;
  }
}

/** Keeps the newest attempts: each tab may log in, but cookies must not grow without end. */
function dropOldest({ cookies }: RouteContext, context: Context): void {
  const attempts = Object.entries(getCookie(context))
    .filter(([name]) => name.startsWith(cookies.attempts))
    .sort(([, one], [, other]) => attemptAge(other) - attemptAge(one));
  for (const [name] of attempts.slice(MAX_ATTEMPTS - 1)) {
    setCookie(context, name, '', { ...hiddenCookie(cookies), maxAge: 0 });
  }
}

/**
 * `GET login`: sends the browser to the provider (authorization code flow with PKCE: OpenID Connect Core section 3.1.2.1, RFC 7636).
 * Nothing is stored before the callback: the attempt travels in a sealed cookie of its own.
 */
export async function login(routes: RouteContext, context: Context): Promise<Response> {
  const { appOrigin, cookies, provider, ring, logger } = routes;
  const mount = routes.mountOf(context);
  const popup = context.req.query('popup') === '1';
  const returnTo = popup
    ? `${appOrigin}${mount}/signed-in`
    : safeReturnTo(context.req.query('returnTo'), { appOrigin, mount });
  let endpoint: URL;
  try {
    const { server } = await provider.access();
    endpoint = new URL(server.authorization_endpoint ?? '');
  } catch (error) {
    logger.error(errorFacts(error), 'login: the identity provider cannot be asked');
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
    state: generateRandomState(),
    nonce: generateRandomNonce(),
    verifier: generateRandomCodeVerifier(),
    returnTo,
    fresh: await endedByLimit(routes, context),
    startedAt: Math.floor(Date.now() / 1_000),
  };
  const parameters: Record<string, string> = {
    ...provider.settings.authParams,
    ...(attempt.fresh ? { max_age: '0' } : {}),
    response_type: 'code',
    client_id: provider.settings.clientId,
    redirect_uri: `${appOrigin}${mount}/callback`,
    scope: provider.settings.scope,
    state: attempt.state,
    nonce: attempt.nonce,
    code_challenge: await calculatePKCECodeChallenge(attempt.verifier),
    code_challenge_method: 'S256',
  };
  for (const [name, value] of Object.entries(parameters)) endpoint.searchParams.set(name, value);
  dropOldest(routes, context);
  setCookie(context, cookies.attempts + attemptId(attempt.state), await sealAttempt(ring, attempt), {
    ...hiddenCookie(cookies),
    maxAge: ATTEMPT_SECONDS,
  });
  context.header('Cache-Control', 'private, no-store');
  context.header('Referrer-Policy', 'no-referrer');
  return context.redirect(endpoint.href, 303);
}
