import type { Context } from 'hono';
import { setCookie } from 'hono/cookie';
import { AuthorizationResponseError, ResponseBodyError, WWWAuthenticateChallengeError } from 'oauth4webapi';
import { clearAttempts, hiddenCookie, readSessionCookie, setSessionCookies } from '../hono/cookies.js';
import { messagePage } from '../hono/page.js';
import { isNavigation, notANavigation } from '../http/is-navigation.js';
import { readCookie } from '../http/read-cookie.js';
import { errorFacts, logFailure } from '../observe/logger.js';
import { revokeRefreshToken } from '../provider/issuer-access.js';
import { MISCONFIGURED } from '../provider/token-answer.js';
import type { Identity, TokenSet } from '../record/token-set.js';
import { exchangeCode, ProviderAwayError } from './exchange-code.js';
import { attemptId, type LoginAttempt, openAttempt } from './login-attempt.js';
import { loginLink, type RouteContext } from './route-context.js';

const NOT_COMPLETED = 'The sign-in was not completed.';
const NOT_POSSIBLE = 'Signing in is not possible at the moment.';

/**
 * Clears the cookie of this answer's attempt. An attempt counts for one answer, whatever that is.
 */
async function takeAttempt({ cookies, ring }: RouteContext, context: Context, state: string) {
  const name = cookies.attempts + attemptId(state);
  const cookie = readCookie(context.req.header('cookie') ?? null, name);
  if (cookie) setCookie(context, name, '', { ...hiddenCookie(cookies), maxAge: 0 });
  return openAttempt(ring, state, cookie);
}

/**
 * Answers a callback without its cookie: it was reloaded, came too late, or is another browser's.
 * If the user is signed in, the browser goes on to the page of this login: the login of another tab
 * may have replaced the cookie. A new login never starts by itself.
 */
async function withoutAttempt(routes: RouteContext, context: Context, returnTo?: string): Promise<Response> {
  const cookie = readSessionCookie(context, routes.cookies);
  const verdict = cookie ? await routes.service.peek(cookie).catch(() => null) : null;
  if (verdict?.kind === 'alive') return context.redirect(returnTo ?? `${routes.appOrigin}/`, 303);
  return messagePage(context, 400, NOT_COMPLETED, loginLink(routes, context, returnTo));
}

/**
 * Ends the session that the browser had. If the store fails, the new session is kept all the same:
 * the old one ends by its own limits.
 */
async function endReplaced({ service, logger }: RouteContext, cookie: string | null, user: string): Promise<void> {
  if (!cookie) return;
  try {
    await service.replace(cookie, user);
  } catch (error) {
    logFailure(logger, 'warn', error, 'login: the session it replaces stays until its limits end it', {
      event: 'logout.fail',
    });
  }
}

async function establish(
  routes: RouteContext,
  context: Context,
  attempt: LoginAttempt,
  { identity, tokens }: { identity: Identity; tokens: TokenSet },
): Promise<Response> {
  const { cookies, service, provider, logger } = routes;
  const drop = (): void => {
    const { refreshToken } = tokens;
    if (!refreshToken) return;
    provider
      .access()
      .then((issuer) => revokeRefreshToken(issuer, refreshToken))
      .catch((error: unknown) =>
        logger.warn({ event: 'revoke.fail', ...errorFacts(error) }, 'login: revocation failed'),
      );
  };
  let created: Awaited<ReturnType<typeof service.create>>;
  try {
    created = await service.create({ identity, tokens });
  } catch (error) {
    drop();
    logFailure(logger, 'error', error, 'login: the session cannot be stored', { event: 'login.fail' });
    return messagePage(context, 503, NOT_POSSIBLE, loginLink(routes, context, attempt.returnTo), {
      'Retry-After': '10',
    });
  }
  if (!created.ok) {
    drop();
    logger.warn({ event: 'login.fail', reason: created.reason }, 'login: the session had ended before it began');
    return messagePage(context, 400, NOT_COMPLETED, loginLink(routes, context, attempt.returnTo));
  }
  await endReplaced(routes, readSessionCookie(context, cookies), created.user);
  setSessionCookies(context, cookies, created.cookie, created.sessionId);
  clearAttempts(context, cookies);
  return context.redirect(attempt.returnTo, 303);
}

/**
 * Returns the provider's error code, or `null`. Its descriptions are never used, because they can
 * quote anything.
 */
function wordOf(error: unknown): string | null {
  if (error instanceof WWWAuthenticateChallengeError) return 'invalid_client';
  if (!(error instanceof AuthorizationResponseError || error instanceof ResponseBodyError)) return null;
  return /^\w{1,40}$/.test(error.error) ? error.error : null;
}

/**
 * Answers a login without a session. The log has the reason, and the page tells the user what to
 * do.
 */
function refused(
  routes: RouteContext,
  context: Context,
  error: unknown,
  returnTo: string,
): Response | Promise<Response> {
  const { logger } = routes;
  const link = loginLink(routes, context, returnTo);
  if (error instanceof ProviderAwayError) {
    const { reason, detail } = error;
    logger.warn({ event: 'login.fail', reason, detail }, 'login: the identity provider did not answer');
    return messagePage(context, 503, NOT_POSSIBLE, link, { 'Retry-After': '10' });
  }
  const word = wordOf(error);
  const facts = { ...errorFacts(error), ...(word !== null && { detail: word }) };
  // Anyone can write the parameters of an address. The token endpoint's answer is the provider's
  // own.
  const byAddress = error instanceof AuthorizationResponseError;
  if (!byAddress && word !== null && MISCONFIGURED.has(word)) {
    logger.error({ event: 'provider.refuse', ...facts }, 'login: the identity provider refused this application');
    return messagePage(context, 503, NOT_POSSIBLE, link, { 'Retry-After': '10' });
  }
  logger.warn(
    { event: 'login.fail', ...facts },
    byAddress ? 'login: refused by the provider' : 'login: the answer was not accepted',
  );
  return messagePage(context, 400, NOT_COMPLETED, link);
}

/**
 * `GET callback`: ends a login. Makes a session with a new id, then ends the session that it
 * replaces.
 */
export async function callback(routes: RouteContext, context: Context): Promise<Response> {
  context.header('Cache-Control', 'private, no-store');
  context.header('Referrer-Policy', 'no-referrer');
  if (!isNavigation(context.req.raw)) return notANavigation();
  const answer = new URL(context.req.url).searchParams;
  const states = answer.getAll('state');
  const [state = '', ...more] = states;
  const attempt = more.length ? null : await takeAttempt(routes, context, state);
  if (!attempt?.isOwn) return withoutAttempt(routes, context, attempt?.returnTo);
  const redirectUri = `${routes.appOrigin}${routes.mountOf(context)}/callback`;
  let result: { identity: Identity; tokens: TokenSet };
  try {
    result = await exchangeCode(routes.provider, { ...attempt, state }, answer, redirectUri);
  } catch (error) {
    return refused(routes, context, error, attempt.returnTo);
  }
  return establish(routes, context, attempt, result);
}
