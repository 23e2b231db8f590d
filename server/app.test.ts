import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKeepaliveApp } from './app.js';
import { NO_METER } from './observe/meter.js';
import type { OidcAppOptions } from './options/app-options.js';
import { type AppUnderTest, KEY, ORIGIN, OURS, startApp } from './testing/app/app-under-test.js';

let test: AppUnderTest;
beforeAll(async () => {
  test = await startApp();
});
afterAll(() => test.close());

describe('createKeepaliveApp', () => {
  it('signs in, keeps alive, tells what is left and signs out', async () => {
    const browser = test.browser();
    const { response, url } = await browser.go('/auth/login?returnTo=/form');
    expect(url).toBe(`${ORIGIN}/form`);
    expect(response.status).toBe(200);
    const sessionId = browser.cookies().get('stillhere-session');
    expect(browser.cookies().get('stillhere')).toMatch(/^[\w-]{43}$/);
    expect([...browser.cookies().keys()].sort()).toEqual(['stillhere', 'stillhere-session']);

    const body = JSON.stringify({ v: 1, activity: 'user', idleMs: 0 });
    const beat = await browser.send('/auth/heartbeat', {
      method: 'POST',
      headers: { ...OURS, 'Content-Type': 'application/json' },
      body,
    });
    expect(beat.status).toBe(200);
    expect(await beat.json()).toMatchObject({ sessionId, idleTimeout: 1800, absoluteTimeout: 28800 });
    expect(beat.headers.getSetCookie()).toEqual([]);

    const left = await browser.send('/auth/session', { headers: { 'Sec-Fetch-Site': 'same-origin' } });
    expect(left.status).toBe(200);
    expect(await left.json()).toMatchObject({ sessionId, refreshed: false });

    const out = await browser.send('/auth/logout', { method: 'POST', headers: OURS });
    expect(out.status).toBe(200);
    const { location } = (await out.json()) as { location: string };
    expect((await browser.go(location)).path[1]).toContain(`${test.provider.issuer}/session/end?`);
    expect(browser.cookies().size).toBe(0);
    expect((await browser.send('/auth/heartbeat', { method: 'POST', headers: OURS })).status).toBe(401);
  });

  it('makes the session cookie one that no script reads, and the readable one no credential', async () => {
    const browser = test.browser();
    const { url } = await browser.go('/auth/login', (to) => to.includes('/callback'));
    const lines = (await browser.send(url)).headers.getSetCookie();
    const session = lines.find((line) => line.startsWith('stillhere=')) ?? '';
    const readable = lines.find((line) => line.startsWith('stillhere-session=')) ?? '';
    expect(session).toMatch(/^stillhere=[\w-]{43}; Max-Age=115200; Path=\/; HttpOnly; SameSite=Lax$/);
    expect(readable).toMatch(/^stillhere-session=[\w-]+; Max-Age=115200; Path=\/; SameSite=Lax$/);
    const id = readable.slice('stillhere-session='.length, readable.indexOf(';'));
    expect(await test.keepalive.service.peek(id)).toMatchObject({ kind: 'over' });
  });

  it.each([
    ['crm', 'stillhere:crm'],
    ['"><script>alert(1)</script>', 'stillhere:&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;'],
    ['', 'stillhere:/auth/heartbeat'],
    ['x'.repeat(201), 'stillhere:/auth/heartbeat'],
  ])('tells the tabs of the page that opened the pop-up, by its name: %j', async (name, channel) => {
    const { url, response } = await test.browser().go(`/auth/login?popup=1&name=${encodeURIComponent(name)}`);
    expect(new URL(url).pathname).toBe('/auth/signed-in');
    expect(await response.text()).toContain(`data-channel="${channel}"`);
  });

  it('logs where a request failed, at debug, and nothing of what the error says', async () => {
    const own = await startApp();
    own.keepalive.service.peek = () => Promise.reject(new TypeError('it quotes a-secret\n    at two lines'));
    const response = await own.browser().send('/auth/session');
    expect([response.status, await response.json()]).toMatchObject([500, { reason: 'internal' }]);
    expect(own.log[0]).toBe('a request failed {"event":"request.fail","error":"TypeError"}');
    expect(own.log[1]).toMatch(/^a request failed: its stack \{"event":"request.fail","stack":"at .*app\.test\.ts/);
    expect(own.log.join()).not.toMatch(/a-secret|two lines/);
    await own.close();
  });

  it('ends a sign-in in a pop-up at the page that tells the tabs', async () => {
    const browser = test.browser();
    const { url, response } = await browser.go('/auth/login?popup=1');
    expect(url).toBe(`${ORIGIN}/auth/signed-in`);
    const page = await response.text();
    expect(page).toContain('data-channel="stillhere:/auth/heartbeat"');
    expect(page).toContain('<script src="/auth/signed-in.js"></script>');
    expect(response.headers.get('content-security-policy')).toContain("script-src 'self'");
  });

  it.each([
    ['/auth/login', 'POST', 'GET, HEAD'],
    ['/auth/callback', 'POST', 'GET, HEAD'],
    ['/auth/heartbeat', 'GET', 'POST'],
    ['/auth/heartbeat', 'DELETE', 'POST'],
    ['/auth/session', 'POST', 'GET, HEAD'],
    ['/auth/signed-in', 'PUT', 'GET, HEAD'],
    ['/auth/logout', 'GET', 'POST'],
    ['/auth/backchannel-logout', 'GET', 'POST'],
    ['/auth/stillhere-sw.js', 'POST', 'GET, HEAD'],
  ])('answers %s to %s with 405', async (path, method, allow) => {
    const response = await test.app.request(ORIGIN + path, { method });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe(allow);
  });

  it('refuses to tell another site what is left', async () => {
    const response = await test.app.request(`${ORIGIN}/auth/session`, { headers: { 'Sec-Fetch-Site': 'cross-site' } });
    expect(response.status).toBe(403);
  });

  it('serves the worker file so that browsers ask anew for it', async () => {
    const file = new URL('./app.ts', import.meta.url).pathname;
    const app = createKeepaliveApp({
      appOrigin: ORIGIN,
      workerFile: file,
      identify: () => null,
      refresh: () => ({ kind: 'alive' }),
    });
    const response = await app.request('/stillhere-sw.js');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain('text/javascript');
    expect(response.headers.get('cache-control')).toBe('no-cache');
    expect(response.headers.get('service-worker-allowed')).toBeNull();
  });

  it('says what to do where the worker file is missing', async () => {
    const app = createKeepaliveApp({
      appOrigin: ORIGIN,
      workerFile: '/nowhere.js',
      identify: () => null,
      refresh: () => ({ kind: 'alive' }),
    });
    const response = await app.request('/stillhere-sw.js');
    expect(response.status).toBe(404);
    expect(await response.text()).toContain('npm run build');
  });
});

/** Shorter than the signature takes. */
const SHORT_KEY = generateKeyPairSync('rsa', { modulusLength: 1_024 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();

describe('options', () => {
  const oidc = { issuer: 'https://id.example', clientId: 'app' };
  const right = {
    appOrigin: ORIGIN,
    oidc,
    store: 'memory',
    keys: [KEY],
  } as const;

  it.each([
    ['appOrigin', { appOrigin: 'https://app.example/path' }],
    ['appOrigin', { appOrigin: 'http://app.example' }],
    ['oidc.issuer', { oidc: { issuer: 'http://id.example', clientId: 'app' } }],
    ['oidc.clientId', { oidc: { issuer: 'https://id.example', clientId: '' } }],
    ['oidc.scope', { oidc: { issuer: 'https://id.example', clientId: 'app', scope: 'email' } }],
    ['oidc.authParams', { oidc: { issuer: 'https://id.example', clientId: 'app', authParams: { state: 'x' } } }],
    ['oidc.clientAuthMethod', { oidc: { ...oidc, clientAuthMethod: 'basic' as 'none' } }],
    ['oidc.clientSecret', { oidc: { ...oidc, clientAuthMethod: 'client_secret_basic' as const } }],
    ['oidc.clientKey', { oidc: { ...oidc, clientAuthMethod: 'private_key_jwt' as const } }],
    [
      'oidc.clientKey',
      {
        oidc: {
          ...oidc,
          clientAuthMethod: 'private_key_jwt' as const,
          clientKey: JSON.stringify({ kty: 'oct', k: 'a' }),
        },
      },
    ],
    ['oidc.clientKey', { oidc: { ...oidc, clientKey: SHORT_KEY, clientAuthMethod: 'private_key_jwt' as const } }],
    ['oidc.clientKeyId', { oidc: { ...oidc, clientKeyId: 'one' } }],
    ['keys', { keys: ['short'] }],
    ['keys', { keys: [] }],
    ['store', { store: 'disk' as 'memory' }],
    ['redisUrl', { store: 'redis' as const }],
    ['redisUrl', { store: 'redis' as const, redisUrl: 'http://127.0.0.1' }],
    ['redisUrl', { redisUrl: 'redis://127.0.0.1' }],
    ['name', { name: 'session' }],
    ['name', { name: 'a b' }],
    ['name', { name: 'crm-login-b' }],
    ['name', { name: 'crm-LOGIN' }],
    ['basePath', { basePath: 'auth' }],
    ['basePath', { basePath: '/auth/' }],
    ['idleTimeout', { idleTimeout: 0 }],
    ['rateLimit', { rateLimit: 0.5 }],
    ['trustedProxies', { trustedProxies: ['proxy'] }],
    ['logSubject', JSON.parse('{ "logSubject": "yes" }')],
    ['meter', { meter: {} as never }],
    ['workerFile', { workerFile: 'sw.js' }],
    ['postLogoutRedirectUri', { postLogoutRedirectUri: '/' }],
  ])('are refused with a TypeError that names %s', (option, wrong) => {
    expect(() => createKeepaliveApp({ ...right, ...wrong })).toThrow(
      new RegExp(`^stillhere: option "${option}" takes `),
    );
    expect(() => createKeepaliveApp({ ...right, ...wrong })).toThrow(TypeError);
  });

  it('are refused where there is none of that name (a limit that is misspelt would stay at its default)', () => {
    const misspelt: object = { idleTimeOut: 60 };
    expect(() => createKeepaliveApp({ ...right, ...misspelt })).toThrow('stillhere: there is no option "idleTimeOut"');
    const method: object = { ...oidc, clientAuthMetod: 'none' };
    expect(() => createKeepaliveApp({ ...right, ...{ oidc: method as typeof oidc } })).toThrow(
      'stillhere: there is no option "oidc.clientAuthMetod"',
    );
    const own = { appOrigin: 'https://app.example', identify: () => null, refresh: () => ({ kind: 'alive' as const }) };
    const limit: object = { idleTimeout: 60 };
    expect(() => createKeepaliveApp({ ...own, ...limit })).toThrow('there is no option "idleTimeout" without "oidc"');
  });

  it('take every option that their type has', async () => {
    const all: Required<OidcAppOptions> = {
      ...{
        ...right,
        store: 'redis',
        redisUrl: 'redis://127.0.0.1:1',
        meter: NO_METER,
        dataDir: './data',
        name: 'crm',
        basePath: '/auth',
        rateLimit: 30,
      },
      ...{ workerFile: '/sw.js', serviceWorkerAllowed: '/', waitUntil: () => undefined },
      ...{
        idleTimeout: 60,
        absoluteTimeout: 600,
        cookieLifetime: 'browser',
        refreshAfter: 60,
        refreshTokenIdle: 60,
        trustedProxies: [],
      },
      ...{ logSubject: true, postLogoutRedirectUri: null, logger: { debug() {}, info() {}, warn() {}, error() {} } },
    };
    await createKeepaliveApp(all).close();
  });

  it('on https use cookies that no sibling domain can plant', async () => {
    const app = createKeepaliveApp({ ...right, appOrigin: 'https://app.example', name: 'crm' });
    expect(app.cookies).toEqual({
      session: '__Host-stillhere-crm',
      readable: 'stillhere-session-crm',
      attempts: '__Host-stillhere-crm-login-',
      secure: true,
      // The absolute limit, and the day in which its end can be told.
      maxAge: 28_800 + 86_400,
    });
    await app.close();
  });
});
