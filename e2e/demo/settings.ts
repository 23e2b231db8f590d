/** The demo's settings, from the environment: durations there are seconds. */
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
  scope: string;
  dataDir: string;
  accessTokenTtlSeconds: number;
  refreshTokenIdleSeconds: number;
  idleTimeoutSeconds: number;
  absoluteTimeoutSeconds: number;
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
  scope: 'openid offline_access',
  dataDir: '.data/demo',
  accessTokenTtlSeconds: 20,
  refreshTokenIdleSeconds: 45,
  idleTimeoutSeconds: 45,
  absoluteTimeoutSeconds: 8 * 3600,
  beatIntervalSeconds: 10,
  activeWindowSeconds: 10,
  warnBeforeSeconds: 12,
};

type Environment = Record<string, string | undefined>;

function readNumber(
  env: Environment,
  name: string,
  fallback: number,
  least: number,
  most: number,
  unit: string,
): number {
  const text = env[name]?.trim();
  if (!text) return fallback;
  const value = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || value < least || value > most) {
    throw new TypeError(`${name} takes ${unit} from ${least} to ${most}, not "${text}".`);
  }
  return value;
}

function readPort(env: Environment, name: string, fallback: number): number {
  const port = readNumber(env, name, fallback, 0, 65_535, 'a port');
  if (!Number.isInteger(port)) throw new TypeError(`${name} takes a whole number, not "${env[name]}".`);
  return port;
}

function readOrigin(env: Environment): string | null {
  const origin = env.APP_ORIGIN?.trim();
  if (!origin) return null;
  if (URL.canParse(origin) && new URL(origin).origin === origin) return origin;
  throw new TypeError(`APP_ORIGIN takes an origin such as https://app.example, not "${origin}".`);
}

function readIssuer(env: Environment): string | null {
  const issuer = env.OIDC_ISSUER?.trim();
  if (!issuer) return null;
  if (!URL.canParse(issuer) || !/^https?:$/.test(new URL(issuer).protocol)) {
    throw new TypeError(`OIDC_ISSUER takes the URL of an OpenID provider, not "${issuer}".`);
  }
  if (!env.OIDC_CLIENT_ID?.trim()) throw new TypeError('OIDC_CLIENT_ID is needed where OIDC_ISSUER is set.');
  return issuer;
}

/**
 * Reads the demo's settings.
 *
 * @throws {TypeError} naming the variable and what it takes.
 */
export function readSettings(env: Environment): DemoSettings {
  const seconds = (name: string, fallback: number, least: number): number =>
    readNumber(env, name, fallback, least, 30 * 24 * 3600, 'seconds');
  const settings: DemoSettings = {
    port: readPort(env, 'PORT', DEMO_DEFAULTS.port),
    host: env.HOST?.trim() || DEMO_DEFAULTS.host,
    providerPort: readPort(env, 'PROVIDER_PORT', DEMO_DEFAULTS.providerPort),
    appOrigin: readOrigin(env),
    issuer: readIssuer(env),
    clientId: env.OIDC_CLIENT_ID?.trim() ?? '',
    clientSecret: env.OIDC_CLIENT_SECRET?.trim() || null,
    scope: env.OIDC_SCOPE?.trim() || DEMO_DEFAULTS.scope,
    dataDir: env.DATA_DIR?.trim() || DEMO_DEFAULTS.dataDir,
    accessTokenTtlSeconds: seconds('ACCESS_TOKEN_TTL', DEMO_DEFAULTS.accessTokenTtlSeconds, 1),
    refreshTokenIdleSeconds: seconds('REFRESH_TOKEN_IDLE', DEMO_DEFAULTS.refreshTokenIdleSeconds, 2),
    idleTimeoutSeconds: seconds('IDLE_TIMEOUT', DEMO_DEFAULTS.idleTimeoutSeconds, 2),
    absoluteTimeoutSeconds: seconds('ABSOLUTE_TIMEOUT', DEMO_DEFAULTS.absoluteTimeoutSeconds, 2),
    beatIntervalSeconds: seconds('BEAT_INTERVAL', DEMO_DEFAULTS.beatIntervalSeconds, 0.5),
    activeWindowSeconds: seconds('ACTIVE_WINDOW', DEMO_DEFAULTS.activeWindowSeconds, 0.5),
    warnBeforeSeconds: seconds('WARN_BEFORE', DEMO_DEFAULTS.warnBeforeSeconds, 0),
  };
  if (settings.beatIntervalSeconds >= settings.idleTimeoutSeconds) {
    throw new TypeError(
      'BEAT_INTERVAL takes fewer seconds than IDLE_TIMEOUT: a session has to be beaten before it ends.',
    );
  }
  return settings;
}
