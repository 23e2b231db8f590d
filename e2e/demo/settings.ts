import { resolve } from 'node:path';
import { isLoopback } from '../../server/http/loopback.js';
import { type Config, type Environment, readConfig } from '../../server/serve/config.js';
import { ConfigError } from '../../server/serve/config-error.js';

/** The demo's settings. */
export interface DemoSettings {
  port: number;
  host: string;
  /** What browsers see, where that is not `http://host:port`. */
  appOrigin: string | null;
  providerPort: number;
  /** A real provider instead of the embedded one. */
  issuer: string | null;
  clientId: string;
  clientSecret: string | null;
  clientAuth: Config['clientAuth'];
  scope: string;
  authParams: Record<string, string>;
  /** What seals the sessions; `null` for a key that is made once and kept in `dataDir`. */
  keys: readonly string[] | null;
  store: Config['store'];
  dataDir: string;
  redisUrl: string | undefined;
  /** Beats a minute and session. */
  rateLimit: number;
  trustedProxies: readonly string[];
  refreshAfterSeconds: number;
  accessTokenTtlSeconds: number;
  refreshTokenIdleSeconds: number;
  idleTimeoutSeconds: number;
  absoluteTimeoutSeconds: number;
  cookieLifetime: Config['cookieLifetime'];
  beatIntervalSeconds: number;
  activeWindowSeconds: number;
  warnBeforeSeconds: number;
}

/** Short enough that a visitor sees a session end within a minute. */
export const DEMO_DEFAULTS: DemoSettings = {
  port: 3000,
  host: 'localhost',
  appOrigin: null,
  providerPort: 0,
  issuer: null,
  clientId: '',
  clientSecret: null,
  clientAuth: {},
  scope: 'openid offline_access',
  authParams: {},
  keys: null,
  store: 'sqlite',
  dataDir: resolve('.data/demo'),
  redisUrl: undefined,
  rateLimit: 30,
  trustedProxies: [],
  refreshAfterSeconds: 60,
  accessTokenTtlSeconds: 20,
  refreshTokenIdleSeconds: 45,
  idleTimeoutSeconds: 45,
  absoluteTimeoutSeconds: 8 * 3600,
  cookieLifetime: 'absolute',
  beatIntervalSeconds: 10,
  activeWindowSeconds: 10,
  warnBeforeSeconds: 12,
};

/** What the server asks for and the demo brings itself. */
const BROUGHT = {
  HOST: DEMO_DEFAULTS.host,
  APP_ORIGIN: 'http://localhost',
  OIDC_ISSUER: 'http://127.0.0.1',
  OIDC_CLIENT_ID: 'brought',
  SESSION_KEYS: Buffer.alloc(32).toString('base64url'),
  DATA_DIR: DEMO_DEFAULTS.dataDir,
  IDLE_TIMEOUT: String(DEMO_DEFAULTS.idleTimeoutSeconds),
  REFRESH_TOKEN_IDLE: String(DEMO_DEFAULTS.refreshTokenIdleSeconds),
};

const LONGEST_SECONDS = 30 * 24 * 3600;

/** Seconds of the demo's own pace, which may be fractions. */
function readSeconds(env: Environment, name: string, fallback: number, least: number): number {
  const text = env[name]?.trim();
  if (!text) return fallback;
  const value = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || value < least || value > LONGEST_SECONDS) {
    throw new ConfigError(`${name} takes seconds from ${least} to ${LONGEST_SECONDS}.`);
  }
  return value;
}

function readProviderPort({ PROVIDER_PORT }: Environment): number {
  const text = PROVIDER_PORT?.trim();
  if (!text) return DEMO_DEFAULTS.providerPort;
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) {
    throw new ConfigError('PROVIDER_PORT takes a port number from 0 to 65535.');
  }
  return Number(text);
}

/** What one setting demands of another. */
function checkTogether(settings: DemoSettings): void {
  const { appOrigin, beatIntervalSeconds, idleTimeoutSeconds, issuer, refreshTokenIdleSeconds } = settings;
  if (beatIntervalSeconds >= Math.min(idleTimeoutSeconds, refreshTokenIdleSeconds)) {
    throw new ConfigError(
      'BEAT_INTERVAL takes fewer seconds than IDLE_TIMEOUT and REFRESH_TOKEN_IDLE: a session has to be beaten before it ends.',
    );
  }
  if (settings.warnBeforeSeconds >= idleTimeoutSeconds) {
    throw new ConfigError(
      'WARN_BEFORE takes fewer seconds than IDLE_TIMEOUT: a warning that is always shown warns nobody.',
    );
  }
  if (issuer === null && appOrigin !== null && !isLoopback(new URL(appOrigin))) {
    throw new ConfigError(
      'OIDC_ISSUER is not set, and the provider that is built in can be reached on this machine only: APP_ORIGIN takes a loopback origin then.',
    );
  }
}

/**
 * Reads the demo's settings: the variables of the ready-made server, and the demo's own for its
 * provider and its pace.
 *
 * @throws {ConfigError} naming the variable and what it takes.
 */
export function readSettings(env: Environment): DemoSettings {
  const isSet = (name: string): boolean => Boolean(env[name] || env[`${name}_FILE`]);
  const brought = Object.entries(BROUGHT).filter(
    // Who names a provider has to name the client as well.
    ([name]) => !isSet(name) && !(name === 'OIDC_CLIENT_ID' && isSet('OIDC_ISSUER')),
  );
  const server = readConfig({ ...env, ...Object.fromEntries(brought) });
  const hasIssuer = isSet('OIDC_ISSUER');
  const settings: DemoSettings = {
    port: server.port,
    host: server.host,
    appOrigin: isSet('APP_ORIGIN') ? server.appOrigin : null,
    providerPort: readProviderPort(env),
    issuer: hasIssuer ? server.issuer : null,
    clientId: hasIssuer ? server.clientId : '',
    clientSecret: server.clientSecret,
    clientAuth: server.clientAuth,
    scope: server.scope,
    authParams: server.authParams,
    keys: isSet('SESSION_KEYS') ? server.keys : null,
    store: server.store,
    dataDir: server.dataDir,
    redisUrl: server.redisUrl,
    rateLimit: server.rateLimit,
    trustedProxies: server.trustedProxies,
    refreshAfterSeconds: server.refreshAfter,
    accessTokenTtlSeconds: readSeconds(env, 'ACCESS_TOKEN_TTL', DEMO_DEFAULTS.accessTokenTtlSeconds, 1),
    refreshTokenIdleSeconds: server.refreshTokenIdle ?? DEMO_DEFAULTS.refreshTokenIdleSeconds,
    idleTimeoutSeconds: server.idleTimeout,
    absoluteTimeoutSeconds: server.absoluteTimeout,
    cookieLifetime: server.cookieLifetime,
    beatIntervalSeconds: readSeconds(env, 'BEAT_INTERVAL', DEMO_DEFAULTS.beatIntervalSeconds, 0.5),
    activeWindowSeconds: readSeconds(env, 'ACTIVE_WINDOW', DEMO_DEFAULTS.activeWindowSeconds, 0.5),
    // A short limit shortens the warning that nobody asked for.
    warnBeforeSeconds: readSeconds(
      env,
      'WARN_BEFORE',
      Math.min(DEMO_DEFAULTS.warnBeforeSeconds, server.idleTimeout / 3),
      0,
    ),
  };
  checkTogether(settings);
  return settings;
}
