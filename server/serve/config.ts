import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import * as v from 'valibot';
import { parseProxies } from '../node/client-address.js';
import {
  COOKIE_LIFETIMES,
  type CookieLifetime,
  isKey,
  isRedisUrl,
  type OidcOptions,
  readAppOrigin,
  readAuthParams,
  readIssuer,
  type StoreName,
} from '../options/app-options.js';
import { CLIENT_AUTH_METHODS, KEY_TAKEN, METHODS_TAKEN, readClientKey, wrongProof } from '../provider/client-proof.js';
import { ConfigError } from './config-error.js';
import { DEFAULT_CONNECTION_LIMITS } from './connection-limits.js';
import { developmentKey } from './development-key.js';

/** The levels by pino's names. Stillhere logs nothing below `debug`. */
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;

export interface Config {
  port: number;
  host: string;
  appOrigin: string;
  issuer: string;
  clientId: string;
  clientSecret: string | null;
  /** How the client authenticates, as far as that is set. */
  clientAuth: Pick<OidcOptions, 'clientAuthMethod' | 'clientKey' | 'clientKeyId'>;
  scope: string;
  authParams: Record<string, string>;
  keys: readonly string[];
  store: StoreName;
  /** Absolute path. */
  dataDir: string;
  /** Set where `store` is `redis`. */
  redisUrl: string | undefined;
  /** Seconds, as all durations here. */
  idleTimeout: number;
  absoluteTimeout: number;
  cookieLifetime: CookieLifetime;
  refreshAfter: number;
  refreshTokenIdle: number | null;
  rateLimit: number;
  trustedProxies: readonly string[];
  /** The port of the metrics, on `host`. `null`: none are served. */
  metricsPort: number | null;
  /** The seconds that an idle connection stays open. */
  keepAliveTimeout: number;
  /** The seconds in which a request must have arrived. */
  requestTimeout: number;
  /**
   * The seconds that a server still accepts connections after it was told to stop, so that
   * balancers learn of it.
   */
  shutdownDelay: number;
  /** The seconds that a stop may take after that. */
  shutdownTimeout: number;
  logLevel: (typeof LOG_LEVELS)[number];
  /** Adds the users' `sub` at the provider to the log. */
  logSubject: boolean;
}

const PROOF_VARIABLES = { secret: 'OIDC_CLIENT_SECRET', key: 'OIDC_CLIENT_KEY', keyId: 'OIDC_CLIENT_KEY_ID' };

export type Environment = Record<string, string | undefined>;

const succeeds =
  (read: (value: string) => unknown) =>
  (value: string): boolean => {
    try {
      read(value);
      return true;
    } catch {
      return false;
    }
  };
const list = (value: string): string[] =>
  value
    .split(',')
    .map((entry) => entry.trim())
    .filter(Boolean);
const number = (least: number, most: number) =>
  v.pipe(v.string(), v.regex(/^\d{1,10}$/), v.transform(Number), v.minValue(least), v.maxValue(most));
/** A year. */
const MOST_SECONDS = 31_536_000;
const MOST_BEATS = 100_000;
const DAY_SECONDS = 86_400;
const HOUR_SECONDS = 3_600;
const span = number(1, MOST_SECONDS);
const wholeSeconds = (least: number, most: number): string => `a whole number of seconds, from ${least} to ${most}`;
const text = v.pipe(v.string(), v.minLength(1));

function readQuery(value: string): Record<string, string> {
  return readAuthParams(Object.fromEntries(new URLSearchParams(value)));
}

/** Reads one variable, or the file that `..._FILE` names. An empty one counts as not set. */
function rawValue(env: Environment, name: string, secret: boolean): string | undefined {
  const value = env[name] || undefined;
  const path = secret ? env[`${name}_FILE`] : undefined;
  if (!path) return value;
  if (value !== undefined) throw new ConfigError(`${name} and ${name}_FILE are both set: only one of them may be.`);
  let content = '';
  try {
    content = readFileSync(path, 'utf8').trim();
  } catch {
    // The error is thrown below, as for an empty file. The system's own message quotes the path.
  }
  if (!content) throw new ConfigError(`${name}_FILE takes the path of a file that can be read and is not empty.`);
  return content;
}

/**
 * Reads the configuration of the ready-made server from environment variables. Throws a
 * `ConfigError` for the first wrong one. It quotes no value, because some are secrets.
 */
export function readConfig(env: Environment): Config {
  function optional<S extends v.GenericSchema<string, unknown>>(
    name: string,
    schema: S,
    takes: string,
    secret = false,
  ): v.InferOutput<S> | undefined {
    const value = rawValue(env, name, secret);
    if (value === undefined) return undefined;
    const result = v.safeParse(schema, value);
    if (!result.success) throw new ConfigError(`${name} takes ${takes}.`);
    return result.output;
  }
  function required<S extends v.GenericSchema<string, unknown>>(
    name: string,
    schema: S,
    takes: string,
    secret = false,
  ): v.InferOutput<S> {
    const value = optional(name, schema, takes, secret);
    if (value === undefined) throw new ConfigError(`${name} is not set: it takes ${takes}.`);
    return value;
  }

  const origin = v.pipe(
    v.string(),
    v.check(succeeds(readAppOrigin)),
    v.transform((value) => readAppOrigin(value)),
  );
  const appOrigin = required(
    'APP_ORIGIN',
    origin,
    'the origin that browsers see, such as https://app.example (http only on loopback)',
  );
  const issuer = required(
    'OIDC_ISSUER',
    v.pipe(v.string(), v.check(succeeds(readIssuer))),
    'the https URL of the identity provider (http only on loopback)',
  );
  const store = optional('STORE', v.picklist(['sqlite', 'redis', 'memory']), 'sqlite, redis or memory') ?? 'sqlite';
  if (store !== 'redis' && (env.REDIS_URL || env.REDIS_URL_FILE))
    throw new ConfigError('REDIS_URL is set, but STORE is not redis: set STORE=redis, or unset REDIS_URL.');
  const dataDir = resolve(optional('DATA_DIR', text, 'the path of a folder') ?? './data');
  const keyList = v.pipe(
    v.string(),
    v.transform(list),
    v.minLength(1),
    v.check((keys) => keys.every(isKey)),
  );
  const keys = optional('SESSION_KEYS', keyList, 'base64url keys of 32 bytes each, separated by commas', true);
  const clientSecret =
    optional('OIDC_CLIENT_SECRET', text, 'the secret of this application at the identity provider', true) ?? null;
  const method = optional('OIDC_CLIENT_AUTH_METHOD', v.picklist(CLIENT_AUTH_METHODS), METHODS_TAKEN);
  const keyText = v.pipe(
    v.string(),
    v.check((value) => readClientKey(value) !== null),
  );
  const clientKey = optional('OIDC_CLIENT_KEY', keyText, KEY_TAKEN, true);
  const clientKeyId = optional('OIDC_CLIENT_KEY_ID', text, 'the name of the key at the identity provider');
  const wrong = wrongProof({ method: method ?? null, secret: clientSecret, key: clientKey, keyId: clientKeyId });
  if (wrong) throw new ConfigError(`${PROOF_VARIABLES[wrong.part]} takes ${wrong.takes} (OIDC_CLIENT_AUTH_METHOD).`);
  const clientAuth = {
    ...(method !== undefined && { clientAuthMethod: method }),
    ...(clientKey !== undefined && { clientKey }),
    ...(clientKeyId !== undefined && { clientKeyId }),
  };
  const seconds = wholeSeconds(1, MOST_SECONDS);
  const config = {
    port: optional('PORT', number(0, 65_535), 'a port number from 0 to 65535') ?? 3000,
    host: optional('HOST', v.pipe(v.string(), v.regex(/^[\w.:-]+$/)), 'a host name or an IP address') ?? '127.0.0.1',
    appOrigin,
    issuer,
    clientId: required('OIDC_CLIENT_ID', text, 'the id that the identity provider knows this application by'),
    clientSecret,
    clientAuth,
    scope:
      optional(
        'OIDC_SCOPE',
        v.pipe(
          v.string(),
          v.check((value) => value.split(' ').includes('openid')),
        ),
        'scopes separated by spaces, openid among them',
      ) ?? 'openid offline_access',
    authParams:
      optional(
        'OIDC_AUTH_PARAMS',
        v.pipe(v.string(), v.check(succeeds(readQuery)), v.transform(readQuery)),
        'parameters such as access_type=offline&prompt=consent, none of them one that the login sets itself',
      ) ?? {},
    store,
    dataDir,
    redisUrl:
      store === 'redis'
        ? required(
            'REDIS_URL',
            v.pipe(
              v.string(),
              v.check((value) => isRedisUrl(value)),
            ),
            'the URL of a Redis, such as redis://user:password@host:6379/0, or rediss: for TLS',
            true,
          )
        : undefined,
    idleTimeout: optional('IDLE_TIMEOUT', span, seconds) ?? 1_800,
    absoluteTimeout: optional('ABSOLUTE_TIMEOUT', span, seconds) ?? 28_800,
    cookieLifetime: optional('COOKIE_LIFETIME', v.picklist(COOKIE_LIFETIMES), 'absolute or browser') ?? 'absolute',
    refreshAfter: optional('REFRESH_AFTER', span, seconds) ?? 60,
    refreshTokenIdle: optional('REFRESH_TOKEN_IDLE', span, seconds) ?? null,
    rateLimit:
      optional('RATE_LIMIT', number(1, MOST_BEATS), `a whole number of beats a minute, from 1 to ${MOST_BEATS}`) ?? 30,
    trustedProxies:
      optional(
        'TRUSTED_PROXIES',
        v.pipe(
          v.string(),
          v.transform(list),
          v.check((entries) => succeeds(() => parseProxies(entries))('')),
        ),
        'IP addresses or CIDR ranges, separated by commas',
      ) ?? [],
    metricsPort: optional('METRICS_PORT', number(0, 65_535), 'a port number from 0 to 65535') ?? null,
    keepAliveTimeout:
      optional('KEEP_ALIVE_TIMEOUT', number(1, DAY_SECONDS), wholeSeconds(1, DAY_SECONDS)) ??
      DEFAULT_CONNECTION_LIMITS.keepAliveTimeout,
    requestTimeout:
      optional('REQUEST_TIMEOUT', number(1, HOUR_SECONDS), wholeSeconds(1, HOUR_SECONDS)) ??
      DEFAULT_CONNECTION_LIMITS.requestTimeout,
    shutdownDelay: optional('SHUTDOWN_DELAY', number(0, HOUR_SECONDS), wholeSeconds(0, HOUR_SECONDS)) ?? 0,
    shutdownTimeout: optional('SHUTDOWN_TIMEOUT', number(1, HOUR_SECONDS), wholeSeconds(1, HOUR_SECONDS)) ?? 30,
    logLevel: optional('LOG_LEVEL', v.picklist(LOG_LEVELS), 'trace, debug, info, warn, error or silent') ?? 'info',
    logSubject: optional('LOG_SUBJECT', v.picklist(['0', '1']), '1 or 0') === '1',
  } as const;
  return {
    ...config,
    keys: keys ?? [developmentKey({ appOrigin, dataDir, production: env.NODE_ENV === 'production' })],
  };
}
