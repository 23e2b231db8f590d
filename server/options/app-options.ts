import type { BlockList } from 'node:net';
import { isAbsolute } from 'node:path';
import { fail, readAppOrigin, readLogger, text } from '../heartbeat/check-option.js';
import type { OwnSessions } from '../heartbeat/own-sessions.js';
import { isLoopback } from '../http/loopback.js';
import { parseProxies } from '../node/client-address.js';
import type { Logger } from '../observe/logger.js';
import { guardMeter, type Meter, NO_METER } from '../observe/meter.js';
import {
  CLIENT_AUTH_METHODS,
  type ClientAuthMethod,
  type ClientProof,
  KEY_TAKEN,
  METHODS_TAKEN,
  readClientKey,
  wrongProof,
} from '../provider/client-proof.js';
import type { OidcSettings } from '../provider/provider.js';
import { TOMBSTONE_MS } from '../session/service-context.js';
import type { SessionStore } from '../store/store.js';

export { fail, readAppOrigin, readLogger, resolveOwnSessions, text } from '../heartbeat/check-option.js';

/** The options of both kinds of application. */
export interface CommonAppOptions {
  /**
   * The scheme, host and port that browsers see, as in `https://app.example`. It may be http on a
   * loopback host only.
   */
  appOrigin: string;
  /** Distinguishes several applications on one host. It takes letters, digits and `-`. */
  name?: string;
  /**
   * The path below which browsers see the routes. Set it if a proxy in front of the server cuts
   * paths.
   * @default learnt from each request
   */
  basePath?: string;
  /**
   * The addresses or CIDR ranges of the proxies whose `X-Forwarded-For` counts. Logins are limited
   * by the visitor's address, and so are requests that have none of the application's own sessions.
   * @default none: logins are not limited, and such requests are limited by their headers
   */
  trustedProxies?: readonly string[];
  /**
   * How many beats a session may send per minute.
   * @default 30
   */
  rateLimit?: number;
  /** @default warnings and errors on stderr */
  logger?: Logger;
  /**
   * Counts what happens in the server.
   * @default nothing is counted
   */
  meter?: Meter;
  /**
   * The absolute path of `stillhere-sw.js`.
   * @default in the folder of this bundle
   */
  workerFile?: string;
  /**
   * The header `Service-Worker-Allowed` of the worker's script, for a scope outside the mount.
   * @default not sent, because the usual scope needs none
   */
  serviceWorkerAllowed?: string;
  /** Keeps work alive after its request is answered, on a platform that would freeze it. */
  waitUntil?: (work: Promise<unknown>) => void;
}

export const COOKIE_LIFETIMES = ['absolute', 'browser'] as const;
export type CookieLifetime = (typeof COOKIE_LIFETIMES)[number];

export type StoreName = 'sqlite' | 'redis' | 'memory';

export interface OidcOptions {
  /** The provider's issuer identifier. It may be http on a loopback host only. */
  issuer: string;
  clientId: string;
  /** @default none. Without a private key too, this is a public client. */
  clientSecret?: string;
  /**
   * How the client authenticates at every endpoint of the provider.
   * @default with `clientSecret`, if there is one: `client_secret_basic`, or `client_secret_post`
   * if the provider's metadata list that and not the former. Without a secret `none`.
   */
  clientAuthMethod?: ClientAuthMethod;
  /**
   * The private key for `private_key_jwt`, as PEM or as a JWK in JSON: RSA of 2048 bits or more, EC
   * (P-256, P-384, P-521) or Ed25519.
   */
  clientKey?: string;
  /**
   * The name of that key at the provider (`kid`).
   * @default the JWK's own
   */
  clientKeyId?: string;
  /** @default 'openid offline_access' */
  scope?: string;
  /**
   * Further parameters of the authorization request, such as `{ access_type: 'offline', prompt:
   * 'consent' }` for Google.
   */
  authParams?: Record<string, string>;
}

/** Stillhere holds the sessions. Durations are seconds, as in the HTTP contract. */
export interface OidcAppOptions extends CommonAppOptions {
  oidc: OidcOptions;
  /**
   * `sqlite` (in `dataDir`, for one host), `redis` (at `redisUrl`), `memory` (lost on restart), or
   * a store of your own.
   * @default 'sqlite'
   */
  store?: StoreName | SessionStore;
  /** The URL of a Redis or Valkey: `redis://[user:password@]host:port/db`, or `rediss:` for TLS. */
  redisUrl?: string | undefined;
  /**
   * The folder of the sqlite store, on a local disk.
   * @default './data'
   */
  dataDir?: string;
  /** Keys of 32 bytes, in base64url. The first one seals, and all of them open. */
  keys: readonly string[];
  /**
   * How long a session lives without activity of its user.
   * @default 1800
   */
  idleTimeout?: number;
  /**
   * How long a session lives at most, whatever its user does.
   * @default 28800
   */
  absoluteTimeout?: number;
  /**
   * How long browsers keep the session's cookies. `absolute`: as long as the session can live, even
   * if the browser is restarted, and a day more, in which pages can learn of its end. `browser`:
   * until the browser is closed, for shared computers. The idle limit holds in both cases.
   * @default 'absolute'
   */
  cookieLifetime?: CookieLifetime;
  /**
   * How long a token is not refreshed again after a refresh.
   * @default 60
   */
  refreshAfter?: number;
  /** How long a refresh token may be unused at the provider, if its answers do not tell. */
  refreshTokenIdle?: number | undefined;
  /**
   * Adds the user's `sub` at the provider to the log line `session.begin`, so that an operator
   * finds a user's sessions. Without it the log has `user` only, an id that means nothing
   * elsewhere.
   * @default false
   */
  logSubject?: boolean;
  /**
   * The URL to which the provider sends the browser after a logout. It must be registered there.
   * `null`: none.
   * @default the root of `appOrigin`
   */
  postLogoutRedirectUri?: string | null;
}

/**
 * The application has sessions of its own: only the beat, the `signed-in` page and the browser
 * files are served.
 */
export interface OwnSessionsAppOptions extends CommonAppOptions, OwnSessions {}

export type KeepaliveAppOptions = OidcAppOptions | OwnSessionsAppOptions;

function span(option: string, value: unknown, fallback: number): number {
  if (value === undefined) return fallback;
  return typeof value === 'number' && Number.isFinite(value) && value > 0
    ? value
    : fail(option, 'a number of seconds greater than 0');
}

function flag(option: string, value: unknown): boolean {
  if (value === undefined || typeof value === 'boolean') return value ?? false;
  return fail(option, 'true or false');
}

/** Returns an issuer as a URL, or throws a TypeError. */
export function readIssuer(value: unknown): URL {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : null;
  const secure = url && (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url)));
  const right = secure && !url.search && !url.hash && !url.username && !url.password;
  return right ? url : fail('oidc.issuer', 'the https URL of the identity provider; http only on loopback');
}

/** Tells if this is the URL of a Redis. */
export function isRedisUrl(value: unknown): value is string {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : null;
  return url !== null && /^rediss?:$/.test(url.protocol) && url.hostname !== '' && /^\/?\d*$/.test(url.pathname);
}

const PROOF_OPTIONS = { secret: 'oidc.clientSecret', key: 'oidc.clientKey', keyId: 'oidc.clientKeyId' };

/** Returns the client's credentials, or throws a TypeError. */
function readProof(oidc: OidcOptions): ClientProof {
  const { clientAuthMethod: method = null, clientSecret, clientKey, clientKeyId: keyId } = oidc;
  if (method !== null && !CLIENT_AUTH_METHODS.includes(method)) fail('oidc.clientAuthMethod', METHODS_TAKEN);
  const secret = clientSecret === undefined ? null : text(PROOF_OPTIONS.secret, clientSecret);
  if (keyId !== undefined) text(PROOF_OPTIONS.keyId, keyId);
  const wrong = wrongProof({ method, secret, key: clientKey, keyId });
  if (wrong) fail(PROOF_OPTIONS[wrong.part], wrong.takes);
  const key = clientKey === undefined ? null : (readClientKey(clientKey, keyId) ?? fail(PROOF_OPTIONS.key, KEY_TAKEN));
  return { method, secret, key };
}

/** The parameters of the authorization request on which its safety depends. */
const OURS = new Set(
  'response_type response_mode client_id redirect_uri scope state nonce code_challenge code_challenge_method max_age request request_uri'.split(
    ' ',
  ),
);

/** Returns further parameters of the authorization request, or throws a TypeError. */
export function readAuthParams(value: unknown): Record<string, string> {
  if (value === undefined) return {};
  const takes = 'an object of strings, none of them a parameter that the login sets itself';
  if (typeof value !== 'object' || value === null) fail('oidc.authParams', takes);
  const entries = Object.entries(value as Record<string, unknown>);
  if (entries.some(([name, entry]) => typeof entry !== 'string' || OURS.has(name))) fail('oidc.authParams', takes);
  return Object.fromEntries(entries.map(([name, entry]) => [name, String(entry)]));
}

/** Returns a meter that cannot fail, or throws a TypeError. */
export function readMeter(value: Meter | undefined, logger: Logger): Meter {
  if (value === undefined) return NO_METER;
  const tells = [value?.answered, value?.asked, value?.sessionBegun, value?.sessionsEnded, value?.storeFailed];
  return tells.every((tell) => typeof tell === 'function')
    ? guardMeter(value, logger)
    : fail('meter', 'an object with answered, asked, sessionBegun, sessionsEnded and storeFailed');
}

/** Tells if `key` is 32 bytes in base64url. */
export const isKey = (key: unknown): key is string => typeof key === 'string' && /^[\w-]{43}=?$/.test(key);

function readProxies(entries: unknown): BlockList | null {
  if (entries === undefined || (Array.isArray(entries) && !entries.length)) return null;
  try {
    return parseProxies(Array.isArray(entries) ? entries.map(String) : fail('trustedProxies', 'a list'));
  } catch {
    return fail('trustedProxies', 'a list of IP addresses and CIDR ranges');
  }
}

export interface ResolvedCommon {
  appOrigin: string;
  name: string | null;
  basePath: string | undefined;
  rateLimit: number;
  proxies: BlockList | null;
  logger: Logger;
  meter: Meter;
}

/** Checks the options that both kinds of application have. */
export function resolveCommon(options: CommonAppOptions): ResolvedCommon {
  const { name, basePath, rateLimit = 30, workerFile, waitUntil } = options;
  // These names would collide with the readable cookie or the cookies of login attempts, of this
  // application or another one.
  if (
    name !== undefined &&
    (!/^[a-z\d][a-z\d-]{0,31}$/i.test(name) || /^(session|login|logout)|-(login|logout)(-|$)/i.test(name))
  ) {
    fail(
      'name',
      'up to 32 letters, digits and "-", not beginning with "session", "login" or "logout" and without "-login-" or "-logout-"',
    );
  }
  if (basePath !== undefined && !/^(\/[\w.~-]+)*$/.test(basePath))
    fail('basePath', 'a path such as "/auth", without a slash at the end');
  if (!Number.isInteger(rateLimit) || rateLimit < 1) fail('rateLimit', 'a whole number of beats a minute, at least 1');
  if (workerFile !== undefined && !isAbsolute(workerFile)) fail('workerFile', 'an absolute path');
  if (waitUntil !== undefined && typeof waitUntil !== 'function') fail('waitUntil', 'a function that takes a promise');
  const logger = readLogger(options.logger);
  const meter = readMeter(options.meter, logger);
  const appOrigin = readAppOrigin(options.appOrigin);
  const proxies = readProxies(options.trustedProxies);
  return { appOrigin, name: name ?? null, basePath, rateLimit, proxies, logger, meter };
}

export interface ResolvedOidc {
  settings: OidcSettings;
  keys: readonly string[];
  store: StoreName | SessionStore;
  dataDir: string;
  /** Empty unless `store` is `redis`. */
  redisUrl: string;
  idleTimeout: number;
  absoluteTimeout: number;
  /** The `Max-Age` of the session's cookies, in seconds. `undefined`: none. */
  cookieMaxAge: number | undefined;
  refreshAfter: number;
  refreshTokenIdle: number | null;
  logSubject: boolean;
  postLogoutRedirectUri: string | null;
}

function readCookieLifetime(value: unknown = 'absolute'): CookieLifetime {
  return COOKIE_LIFETIMES.find((lifetime) => lifetime === value) ?? fail('cookieLifetime', '"absolute" or "browser"');
}

/**
 * The cookies live as long as the tombstone. A browser that lost them at the absolute limit could
 * neither learn why the session ended, nor tell the next login of it.
 */
const maxAgeOf = (absoluteSeconds: number): number => Math.ceil(absoluteSeconds + TOMBSTONE_MS / 1_000);

const STORES: readonly string[] = ['sqlite', 'redis', 'memory'] satisfies StoreName[];

/** Checks the options of an application whose sessions Stillhere holds. */
export function resolveOidc(options: OidcAppOptions, appOrigin: string): ResolvedOidc {
  const { oidc, keys, store = 'sqlite', dataDir = './data', redisUrl } = options;
  if (typeof oidc !== 'object' || oidc === null) fail('oidc', 'an object with issuer and clientId');
  if (!Array.isArray(keys) || !keys.length || !keys.every(isKey))
    fail('keys', 'a list of base64url keys of 32 bytes each');
  if (typeof store === 'string' ? !STORES.includes(store) : typeof store !== 'object' || store === null)
    fail('store', '"sqlite", "redis", "memory" or a store');
  if (store === 'redis' ? !isRedisUrl(redisUrl) : redisUrl !== undefined)
    fail(
      'redisUrl',
      'the URL of a Redis, as "redis://127.0.0.1:6379", where "store" is "redis", and nothing elsewhere',
    );
  const home = options.postLogoutRedirectUri === undefined ? `${appOrigin}/` : options.postLogoutRedirectUri;
  if (home !== null && !URL.canParse(home)) fail('postLogoutRedirectUri', 'an absolute URL, or null');
  const idleTimeout = span('idleTimeout', options.idleTimeout, 1_800);
  const absoluteTimeout = span('absoluteTimeout', options.absoluteTimeout, 28_800);
  const scope = text('oidc.scope', oidc.scope ?? 'openid offline_access');
  if (!scope.split(' ').includes('openid')) fail('oidc.scope', 'scopes separated by spaces, "openid" among them');
  return {
    settings: {
      issuer: readIssuer(oidc.issuer),
      clientId: text('oidc.clientId', oidc.clientId),
      proof: readProof(oidc),
      scope,
      authParams: readAuthParams(oidc.authParams),
    },
    keys,
    store,
    dataDir: text('dataDir', dataDir),
    redisUrl: redisUrl ?? '',
    idleTimeout,
    absoluteTimeout,
    cookieMaxAge: readCookieLifetime(options.cookieLifetime) === 'absolute' ? maxAgeOf(absoluteTimeout) : undefined,
    refreshAfter: span('refreshAfter', options.refreshAfter, 60),
    refreshTokenIdle:
      options.refreshTokenIdle === undefined ? null : span('refreshTokenIdle', options.refreshTokenIdle, 0),
    logSubject: flag('logSubject', options.logSubject),
    postLogoutRedirectUri: home,
  };
}
