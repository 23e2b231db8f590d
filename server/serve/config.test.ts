import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type Environment, readConfig } from './config.js';
import { ConfigError } from './config-error.js';

const folder = mkdtempSync(join(tmpdir(), 'stillhere-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

const KEY = Buffer.alloc(32, 7).toString('base64url');
const OTHER_KEY = Buffer.alloc(32, 8).toString('base64url');
const least: Environment = {
  APP_ORIGIN: 'https://app.example',
  OIDC_ISSUER: 'https://id.example',
  OIDC_CLIENT_ID: 'app',
  SESSION_KEYS: KEY,
};

function messageOf(env: Environment): string {
  try {
    readConfig({ ...least, ...env });
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('the configuration was accepted');
}

const CLIENT_KEY = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();

describe('the client authentication method', () => {
  const method = (name: string) => ({ OIDC_CLIENT_AUTH_METHOD: name });
  const secret = { OIDC_CLIENT_SECRET: 's3cret' };
  const key = { OIDC_CLIENT_KEY: CLIENT_KEY };

  it.each<[string, string, Environment]>([
    ['a method that there is not', 'OIDC_CLIENT_AUTH_METHOD', method('tls_client_auth')],
    ['client_secret_basic without a secret', 'OIDC_CLIENT_SECRET', method('client_secret_basic')],
    ['client_secret_post without a secret', 'OIDC_CLIENT_SECRET', method('client_secret_post')],
    ['client_secret_post with a key too', 'OIDC_CLIENT_KEY', { ...method('client_secret_post'), ...secret, ...key }],
    ['private_key_jwt without a key', 'OIDC_CLIENT_KEY', method('private_key_jwt')],
    ['private_key_jwt with a secret too', 'OIDC_CLIENT_SECRET', { ...method('private_key_jwt'), ...secret, ...key }],
    ['none with a secret', 'OIDC_CLIENT_SECRET', { ...method('none'), ...secret }],
    ['none with a key', 'OIDC_CLIENT_KEY', { ...method('none'), ...key }],
    ['a key without a method', 'OIDC_CLIENT_KEY', key],
    ['a key that is none', 'OIDC_CLIENT_KEY', { ...method('private_key_jwt'), OIDC_CLIENT_KEY: 'sesame' }],
    ['the name of no key', 'OIDC_CLIENT_KEY_ID', { OIDC_CLIENT_KEY_ID: 'one' }],
  ])('is refused at start: %s', (_, name, env) => {
    expect(messageOf(env)).toMatch(new RegExp(`^${name} takes `));
    expect(messageOf(env)).not.toMatch(/s3cret|sesame|PRIVATE/);
  });

  it('takes a key from a file', () => {
    const path = join(folder, 'client.pem');
    writeFileSync(path, CLIENT_KEY);
    const env = { ...method('private_key_jwt'), OIDC_CLIENT_KEY_FILE: path, OIDC_CLIENT_KEY_ID: 'one' };
    expect(readConfig({ ...least, ...env }).clientAuth).toEqual({
      clientAuthMethod: 'private_key_jwt',
      clientKey: CLIENT_KEY.trim(),
      clientKeyId: 'one',
    });
  });
});

describe('readConfig', () => {
  it('needs four variables, and has defaults for the others', () => {
    const { dataDir, ...config } = readConfig(least);
    expect(dataDir).toBe(join(process.cwd(), 'data'));
    expect(config).toEqual({
      port: 3000,
      host: '127.0.0.1',
      appOrigin: 'https://app.example',
      issuer: 'https://id.example',
      clientId: 'app',
      clientSecret: null,
      clientAuth: {},
      scope: 'openid offline_access',
      authParams: {},
      keys: [KEY],
      store: 'sqlite',
      idleTimeout: 1800,
      absoluteTimeout: 28800,
      cookieLifetime: 'absolute',
      refreshAfter: 60,
      refreshTokenIdle: null,
      rateLimit: 30,
      trustedProxies: [],
      metricsPort: null,
      redisUrl: undefined,
      keepAliveTimeout: 95,
      requestTimeout: 20,
      shutdownDelay: 0,
      shutdownTimeout: 30,
      logLevel: 'info',
      logSubject: false,
    });
  });

  it('reads every variable', () => {
    const config = readConfig({
      ...least,
      PORT: '0',
      HOST: '0.0.0.0',
      OIDC_CLIENT_SECRET: 's3cret',
      OIDC_CLIENT_AUTH_METHOD: 'client_secret_post',
      OIDC_SCOPE: 'openid email',
      OIDC_AUTH_PARAMS: 'access_type=offline&prompt=consent',
      SESSION_KEYS: `${KEY}, ${OTHER_KEY}`,
      STORE: 'memory',
      DATA_DIR: folder,
      IDLE_TIMEOUT: '60',
      ABSOLUTE_TIMEOUT: '600',
      COOKIE_LIFETIME: 'browser',
      REFRESH_AFTER: '5',
      REFRESH_TOKEN_IDLE: '1800',
      RATE_LIMIT: '12',
      TRUSTED_PROXIES: '10.0.0.0/8, ::1',
      METRICS_PORT: '9464',
      KEEP_ALIVE_TIMEOUT: '620',
      REQUEST_TIMEOUT: '15',
      SHUTDOWN_DELAY: '5',
      SHUTDOWN_TIMEOUT: '60',
      LOG_LEVEL: 'debug',
      LOG_SUBJECT: '1',
    });
    expect(config).toMatchObject({
      port: 0,
      host: '0.0.0.0',
      clientSecret: 's3cret',
      clientAuth: { clientAuthMethod: 'client_secret_post' },
      scope: 'openid email',
      authParams: { access_type: 'offline', prompt: 'consent' },
      keys: [KEY, OTHER_KEY],
      store: 'memory',
      dataDir: folder,
      idleTimeout: 60,
      absoluteTimeout: 600,
      cookieLifetime: 'browser',
      refreshAfter: 5,
      refreshTokenIdle: 1800,
      rateLimit: 12,
      trustedProxies: ['10.0.0.0/8', '::1'],
      metricsPort: 9_464,
      redisUrl: undefined,
      keepAliveTimeout: 620,
      requestTimeout: 15,
      shutdownDelay: 5,
      shutdownTimeout: 60,
      logLevel: 'debug',
      logSubject: true,
    });
  });

  it.each([
    ['PORT', '70000'],
    ['PORT', 'http'],
    ['HOST', 'a b'],
    ['APP_ORIGIN', 'app.example'],
    ['APP_ORIGIN', 'https://app.example/path'],
    ['APP_ORIGIN', 'http://app.example'],
    ['OIDC_ISSUER', 'id.example'],
    ['OIDC_ISSUER', 'http://id.example'],
    ['OIDC_ISSUER', 'https://:password@id.example'],
    ['OIDC_SCOPE', 'email'],
    ['OIDC_AUTH_PARAMS', 'redirect_uri=https://evil.example'],
    ['SESSION_KEYS', 'short'],
    ['SESSION_KEYS', `${KEY},short`],
    ['STORE', 'disk'],
    ['IDLE_TIMEOUT', '0'],
    ['IDLE_TIMEOUT', '30m'],
    ['ABSOLUTE_TIMEOUT', '-1'],
    ['COOKIE_LIFETIME', 'forever'],
    ['REFRESH_AFTER', '1.5'],
    ['REFRESH_TOKEN_IDLE', 'never'],
    ['RATE_LIMIT', '0'],
    ['TRUSTED_PROXIES', 'proxy.example'],
    ['METRICS_PORT', 'on'],
    ['KEEP_ALIVE_TIMEOUT', '0'],
    ['REQUEST_TIMEOUT', '20s'],
    ['SHUTDOWN_DELAY', '-1'],
    ['SHUTDOWN_TIMEOUT', '0'],
    ['LOG_LEVEL', 'loud'],
    ['LOG_SUBJECT', 'yes'],
  ])('says in one sentence what %s takes, not %j, and quotes no value', (name, value) => {
    const message = messageOf({ [name]: value });
    expect(message).toMatch(new RegExp(`^${name} takes .+\\.$`));
    expect(message.replace(/such as \S+/, '')).not.toContain(` ${value} `);
    expect(message).not.toContain('\n');
  });

  it.each([
    ['IDLE_TIMEOUT', '31536001', 'from 1 to 31536000'],
    ['REFRESH_AFTER', '0', 'from 1 to 31536000'],
    ['RATE_LIMIT', '100001', 'from 1 to 100000'],
    ['KEEP_ALIVE_TIMEOUT', '86401', 'from 1 to 86400'],
    ['REQUEST_TIMEOUT', '3601', 'from 1 to 3600'],
    ['SHUTDOWN_DELAY', '3601', 'from 0 to 3600'],
    ['SHUTDOWN_TIMEOUT', '3601', 'from 1 to 3600'],
  ])('says of %s, where it is %s, how much is too much', (name, value, span) => {
    expect(messageOf({ [name]: value })).toContain(span);
  });

  it.each(['APP_ORIGIN', 'OIDC_ISSUER', 'OIDC_CLIENT_ID'])('says that %s is not set', (name) => {
    expect(messageOf({ [name]: '' })).toMatch(new RegExp(`^${name} is not set: it takes .+\\.$`));
  });

  it('takes a Redis where STORE says so, also from a file, since its URL may hold a password', () => {
    const path = join(folder, 'redis-url');
    writeFileSync(path, 'rediss://user:password@redis.example:6380/2\n');
    expect(readConfig({ ...least, STORE: 'redis', REDIS_URL_FILE: path })).toMatchObject({
      store: 'redis',
      redisUrl: 'rediss://user:password@redis.example:6380/2',
    });
    expect(readConfig({ ...least, STORE: 'redis', REDIS_URL: 'redis://127.0.0.1' }).redisUrl).toBe('redis://127.0.0.1');
    expect(messageOf({ STORE: 'redis' })).toMatch(/^REDIS_URL is not set: it takes the URL of a Redis/);
    for (const url of ['127.0.0.1:6379', 'http://127.0.0.1', 'redis://', 'redis://:password@host/name']) {
      expect(messageOf({ STORE: 'redis', REDIS_URL: url })).toMatch(/^REDIS_URL takes the URL of a Redis.+\.$/);
    }
    expect(messageOf({ REDIS_URL: 'redis://127.0.0.1' })).toBe(
      'REDIS_URL is set, but STORE is not redis: set STORE=redis, or unset REDIS_URL.',
    );
  });

  it('lets http through on loopback only', () => {
    const { appOrigin, issuer } = readConfig({
      ...least,
      APP_ORIGIN: 'http://localhost:3000',
      OIDC_ISSUER: 'http://127.0.0.1:4000',
    });
    expect([appOrigin, issuer]).toEqual(['http://localhost:3000', 'http://127.0.0.1:4000']);
  });

  it('reads secrets from files, which may end in a line break', () => {
    const path = join(folder, 'secret');
    writeFileSync(path, 'from a file\n');
    expect(readConfig({ ...least, OIDC_CLIENT_SECRET_FILE: path }).clientSecret).toBe('from a file');
    expect(messageOf({ OIDC_CLIENT_SECRET_FILE: join(folder, 'absent') })).toMatch(/^OIDC_CLIENT_SECRET_FILE takes /);
    expect(messageOf({ SESSION_KEYS_FILE: path })).toBe(
      'SESSION_KEYS and SESSION_KEYS_FILE are both set: only one of them may be.',
    );
  });

  it('refuses to start without SESSION_KEYS on https and in production, and says how to make a key', () => {
    const command = /node -p "require\('node:crypto'\)\.randomBytes\(32\)\.toString\('base64url'\)"$/;
    expect(messageOf({ SESSION_KEYS: '' })).toMatch(command);
    expect(messageOf({ SESSION_KEYS: '', APP_ORIGIN: 'http://localhost:3000', NODE_ENV: 'production' })).toMatch(
      command,
    );
  });
});
