import { type Context, Hono } from 'hono';
import { handleOwnStatus } from './heartbeat/create-heartbeat.js';
import { handleHeartbeat } from './heartbeat/handle-heartbeat.js';
import { addressFinder } from './hono/address-finder.js';
import { sessionCookies } from './hono/cookies.js';
import { limitLogins } from './hono/limit-logins.js';
import { meterRequests } from './hono/meter-requests.js';
import { unreadRequest } from './hono/unread-request.js';
import { problem } from './http/problem.js';
import { ownFile } from './node/own-files.js';
import { errorFacts, type Logger, stackOf } from './observe/logger.js';
import { openService } from './open-service.js';
import type { KeepaliveAppOptions, OidcAppOptions, OwnSessionsAppOptions } from './options/app-options.js';
import { resolveCommon, resolveOidc, resolveOwnSessions } from './options/app-options.js';
import { refuseUnknown } from './options/refuse-unknown.js';
import { createProvider } from './provider/provider.js';
import { memoryRateLimiter } from './rates/rate-limit.js';
import { createKeyRing } from './record/key-ring.js';
import type { SessionGuardSource } from './require-session.js';
import { backchannelLogout } from './routes/backchannel-logout.js';
import { callback } from './routes/callback.js';
import { login } from './routes/login.js';
import { logout } from './routes/logout.js';
import { PROVIDER_LOGOUT, providerLogout } from './routes/provider-logout-route.js';
import { createKeyFinder } from './routes/read-logout-token.js';
import { mountFinder, type RouteContext } from './routes/route-context.js';
import { sessionRoute } from './routes/session-route.js';
import { signedInPage } from './routes/signed-in-page.js';

/** The Hono app, with the members that the application needs besides its routes. */
export type KeepaliveApp = Hono & {
  /** Finishes and stores the grants that run, then closes the store. */
  close(): Promise<void>;
  /** Resolves when the store is open. Rejects if it cannot be opened. */
  readonly ready: Promise<void>;
};

/** The app if Stillhere holds the application's sessions. `requireSession` takes it. */
export type OidcKeepaliveApp = KeepaliveApp & SessionGuardSource;

type Handler = (context: Context) => Response | Promise<Response>;

/**
 * Refuses any other method of a known route, without asking the store or the provider (RFC 9110
 * section 15.5.6).
 */
function addRoute(app: Hono, method: 'GET' | 'POST', path: string, handler: Handler): void {
  const allow = method === 'GET' ? 'GET, HEAD' : 'POST';
  app.on(method, path, handler);
  app.all(path, () =>
    problem(405, 'method_not_allowed', 'The method is not allowed here', { headers: { Allow: allow } }),
  );
}

function addCommonRoutes(
  app: Hono,
  options: KeepaliveAppOptions,
  mountOf: (context: Context) => string,
  logger: Logger,
): void {
  const { workerFile: path, serviceWorkerAllowed } = options;
  addRoute(app, 'GET', '/stillhere-sw.js', ownFile('stillhere-sw.js', { path, serviceWorkerAllowed }));
  addRoute(app, 'GET', '/signed-in.js', ownFile('signed-in.js'));
  addRoute(app, 'GET', '/signed-in', (context) => signedInPage(context, mountOf(context)));
  app.onError((error) => {
    logger.error({ event: 'request.fail', ...errorFacts(error) }, 'a request failed');
    logger.debug({ event: 'request.fail', stack: stackOf(error) }, 'a request failed: its stack');
    return problem(500, 'internal', 'Something went wrong');
  });
}

/**
 * Makes the routes of a login and its session, to mount anywhere: `app.route('/auth',
 * createKeepaliveApp(options))`.
 *
 * With `oidc`, Stillhere signs users in at an OpenID provider (OpenID Connect Core, authorization
 * code flow with PKCE) and holds the sessions. With `identify` and `refresh`, the application does
 * that. Then the app serves only the beat, the route that tells what is left, the page at the end
 * of a login in a pop-up, and the worker's script.
 *
 * The store opens in the background. Await `ready` to learn at start if it cannot be opened. Until
 * it is open, and if it cannot be opened, answers are 503 `store_unavailable`. Call `close()` at
 * the end of the process, after the last request is answered: it finishes and stores the grants
 * that run.
 *
 * @param options Durations are seconds.
 * @throws {TypeError} naming the option that is wrong and the values that it takes.
 * @example
 * import { Hono } from 'hono';
 * import { createKeepaliveApp, requireSession } from 'stillhere/server';
 *
 * const keepalive = createKeepaliveApp({
 *   appOrigin: 'https://app.example',
 *   oidc: {
 *     issuer: 'https://id.example',
 *     clientId: 'app',
 *     clientSecret: process.env.OIDC_CLIENT_SECRET ?? '',
 *   },
 *   keys: [process.env.SESSION_KEY ?? ''], // 32 bytes, base64url
 *   idleTimeout: 1800,
 * });
 * await keepalive.ready;
 * const app = new Hono().route('/auth', keepalive);
 * app.use('/api/*', requireSession(keepalive));
 * // Answer the requests that are under way before you close: they need the store.
 * process.once('SIGTERM', () => keepalive.close());
 */
export function createKeepaliveApp(options: OwnSessionsAppOptions): KeepaliveApp;
export function createKeepaliveApp(options: OidcAppOptions): OidcKeepaliveApp;
export function createKeepaliveApp(options: KeepaliveAppOptions): KeepaliveApp;
export function createKeepaliveApp(options: KeepaliveAppOptions): KeepaliveApp | OidcKeepaliveApp {
  if (typeof options !== 'object' || options === null)
    throw new TypeError('stillhere: createKeepaliveApp takes options');
  refuseUnknown(options);
  const common = resolveCommon(options);
  const { appOrigin, logger } = common;
  const mountOf = mountFinder(common.basePath);
  const app = new Hono();
  if (options.meter) app.use(meterRequests(common.meter));
  const addressOf = addressFinder(common.proxies, logger);
  const shared = { appOrigin, logger, ...(options.waitUntil ? { waitUntil: options.waitUntil } : {}) };

  if (!('oidc' in options)) {
    const sessions = resolveOwnSessions(options, '; or say "oidc" and let Stillhere hold the sessions');
    const own = { ...shared, ...sessions, rateLimiter: memoryRateLimiter({ perMinute: common.rateLimit }) };
    const ownOf = (context: Context) => ({ ...own, clientAddress: () => addressOf(context) });
    addRoute(app, 'POST', '/heartbeat', async (context) =>
      handleHeartbeat(await unreadRequest(context), ownOf(context)),
    );
    addRoute(app, 'GET', '/session', (context) => handleOwnStatus(context.req.raw, ownOf(context)));
    addCommonRoutes(app, options, mountOf, logger);
    return Object.assign(app, { ready: Promise.resolve(), close: () => Promise.resolve() });
  }

  const resolved = resolveOidc(options, appOrigin);
  const provider = createProvider(resolved.settings);
  const cookies = sessionCookies(appOrigin, common.name, resolved.cookieMaxAge);
  const ring = createKeyRing(resolved.keys);
  const { service, ready } = openService(resolved, common, { provider, ring, waitUntil: options.waitUntil });
  const routes: RouteContext = {
    appOrigin,
    cookies,
    provider,
    ring,
    service,
    logger,
    mountOf,
    postLogoutRedirectUri: resolved.postLogoutRedirectUri,
  };
  const held = { ...shared, service, cookieName: cookies.session, readableCookie: cookies.readable };
  const keys = createKeyFinder();
  const limit = limitLogins(addressOf);
  app.use('/login', limit);
  app.use('/callback', limit);
  addRoute(app, 'GET', '/login', (context) => login(routes, context));
  addRoute(app, 'GET', '/callback', (context) => callback(routes, context));
  addRoute(app, 'POST', '/heartbeat', async (context) => handleHeartbeat(await unreadRequest(context), held));
  addRoute(app, 'GET', '/session', (context) => sessionRoute(routes, context));
  addRoute(app, 'POST', '/logout', (context) => logout(routes, context));
  addRoute(app, 'GET', PROVIDER_LOGOUT, (context) => providerLogout(routes, context));
  addRoute(app, 'POST', '/backchannel-logout', (context) => backchannelLogout(routes, keys, context));
  addCommonRoutes(app, options, mountOf, logger);
  return Object.assign(app, { ready, appOrigin, cookies, service, close: () => service.close() });
}
