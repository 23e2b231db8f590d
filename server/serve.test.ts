import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Browser, createBrowser } from './testing/browser.js';
import { type Front, startFront } from './testing/front.js';
import { startProvider, type TestProvider } from './testing/provider.js';
import { startRedis } from './testing/redis-server.js';
import { prepareServe, type Serve, type ServeProcess } from './testing/serve-process.js';

const OURS = { 'X-Stillhere': '1', 'Sec-Fetch-Site': 'same-origin' };
const BEAT = { method: 'POST', headers: { ...OURS, 'Content-Type': 'application/json' } };
const CLIENT_SECRET = randomBytes(24).toString('base64url');
const KEY = randomBytes(32).toString('base64url');

let serve: Serve;
let front: Front;
let provider: TestProvider;
let folders = 0;
/** Everything that the provider issued and browsers carried: nothing of it may be printed. */
const secrets = new Set<string>([CLIENT_SECRET, KEY]);

beforeAll(async () => {
  [serve, front] = await Promise.all([prepareServe(), startFront()]);
  const client = (client_id: string, more: object) => ({
    client_id,
    client_secret: CLIENT_SECRET,
    redirect_uris: [`${front.origin}/auth/callback`],
    post_logout_redirect_uris: [`${front.origin}/`],
    grant_types: ['authorization_code', 'refresh_token'],
    backchannel_logout_uri: `${front.origin}/auth/backchannel-logout`,
    ...more,
  });
  provider = await startProvider({
    ttl: { accessToken: 1 },
    clients: [client('app', { backchannel_logout_session_required: true }), client('app-without-sid', {})],
  });
  const keep = ({ jti }: { jti: string }): unknown => secrets.add(jti);
  provider.provider.on('access_token.saved', keep);
  provider.provider.on('refresh_token.saved', keep);
  provider.provider.on('authorization_code.saved', keep);
});
afterEach(() => provider.fault('pass'));
afterAll(async () => {
  serve?.cleanUp();
  await front?.close();
  await provider?.close();
});

/** A grant is due 0.7 s after the last, and a refused one waits for its Retry-After. */
const PATIENCE = { timeout: 15_000 };
const newFolder = (): string => join(serve.folder, `data-${folders++}`);

/** The ready-made server behind the front, ready to answer. */
async function startServer(DATA_DIR: string, more: Record<string, string> = {}): Promise<ServeProcess> {
  const server = serve.start({
    ...{ PORT: '0', APP_ORIGIN: front.origin, OIDC_ISSUER: provider.issuer, OIDC_CLIENT_ID: 'app' },
    ...{ OIDC_CLIENT_SECRET: CLIENT_SECRET, OIDC_AUTH_PARAMS: 'prompt=consent', SESSION_KEYS: KEY },
    ...{ DATA_DIR, RATE_LIMIT: '10000', LOG_LEVEL: 'trace', ...more },
  });
  front.passTo((await server.logged('listening')).address);
  return server;
}

const newBrowser = (): Browser => createBrowser({ request: (url, init) => fetch(url, init) }, front.origin);

/** Signs in at the provider's own page, as a person would. */
async function signIn(browser: Browser, name = 'ada'): Promise<void> {
  const page = await browser.go('/auth/login?returnTo=/healthz');
  const { searchParams } = new URL(page.path[1] ?? '');
  for (const part of ['state', 'nonce']) secrets.add(searchParams.get(part) ?? '-');
  for (const [cookie, value] of browser.cookies()) if (cookie.includes('-login-')) secrets.add(value);
  const answer = await browser.send(page.url, { method: 'POST', body: new URLSearchParams({ login: name }) });
  const { url } = await browser.go(answer.headers.get('location') ?? '');
  if (url !== `${front.origin}/healthz`) throw new Error(`the sign-in ended at ${url}`);
  secrets.add(browser.cookies().get('stillhere') ?? '-');
}

const beat = (browser: Browser): Promise<Response> => browser.send('/auth/heartbeat', BEAT);

/** Beats until one of them asked the provider; its answer. */
async function beatUntilRefreshed(browser: Browser): Promise<void> {
  await expect
    .poll(async () => {
      const response = await beat(browser);
      const { refreshed, reason } = (await response.json()) as { refreshed?: boolean; reason?: string };
      return response.status === 200 ? refreshed : reason;
    }, PATIENCE)
    .toBe(true);
}

function expectNoSecretIn(text: string): void {
  expect(text.length).toBeGreaterThan(100);
  for (const secret of secrets) {
    expect(secret.length).toBeGreaterThan(10);
    expect(text).not.toContain(secret);
  }
  // ID tokens, logout tokens and what we seal all begin so.
  expect(text).not.toMatch(/eyJ/);
}

describe('the ready-made server', () => {
  it('prints no token, cookie or secret in the whole life of a session', async () => {
    const server = await startServer(newFolder());
    const browser = newBrowser();
    await signIn(browser);
    await beatUntilRefreshed(browser);
    const faults: Parameters<TestProvider['fault']>[0][] = [
      { status: 500 },
      { status: 429, headers: { 'retry-after': '1' } },
      { status: 401, body: JSON.stringify({ error: 'invalid_client' }) },
      { status: 400 },
    ];
    for (const fault of faults) {
      provider.fault(fault, 1);
      const { refresh } = provider.calls();
      await expect
        .poll(async () => (await beat(browser)) && provider.calls().refresh, PATIENCE)
        .toBeGreaterThan(refresh);
      await beatUntilRefreshed(browser);
    }
    // A callback that is nobody's, one that is replayed, and one that the provider refuses.
    await browser.send('/auth/callback?code=a-code-of-nobody&state=a-state-of-nobody');
    secrets.add('a-code-of-nobody').add('a-state-of-nobody');
    await browser.go('/auth/login?returnTo=/healthz', (url) => url.startsWith(`${front.origin}/auth/callback`));
    const other = newBrowser();
    await signIn(other, 'grace');
    const out = await browser.send('/auth/logout', { method: 'POST', headers: { Origin: front.origin } });
    const hint = new URL(out.headers.get('location') ?? '').searchParams.get('id_token_hint') ?? '';
    expect(hint).toMatch(/^eyJ/);
    secrets.add(hint);
    expect((await beat(browser)).status).toBe(401);
    // An end that only a provider can tell: the refresh token of the other is spent.
    provider.revoke();
    await expect.poll(async () => (await beat(other)).status, PATIENCE).toBe(401);
    expect(await server.end('SIGTERM')).toBe(0);
    expect(secrets.size).toBeGreaterThan(20);
    expectNoSecretIn(server.output());
  });

  it('finishes and stores on SIGTERM the grant that runs, answers those who wait for it, and takes nobody new', async () => {
    const folder = newFolder();
    const server = await startServer(folder);
    const browser = newBrowser();
    await signIn(browser);
    let letThrough = (): void => {};
    provider.fault({ hold: new Promise<void>((resolve) => (letThrough = resolve)) }, 1);
    const before = { calls: provider.calls().refresh, grants: provider.grants() };
    const waiting: Promise<Response>[] = [];
    await expect
      .poll(() => {
        waiting.push(beat(browser));
        return provider.calls().refresh;
      }, PATIENCE)
      .toBe(before.calls + 1);
    // The last one may not have arrived.
    const late = waiting.pop();
    const address = String((await server.logged('listening')).address);
    const ended = server.end('SIGTERM');
    await server.logged('stopping');
    await expect
      .poll(
        () =>
          fetch(`${address}/healthz`).then(
            () => 'answers',
            () => 'refuses',
          ),
        PATIENCE,
      )
      .toBe('refuses');
    expect(server.child.exitCode).toBeNull();
    letThrough();
    const answers = await Promise.all((await Promise.all(waiting)).map((answer) => answer.json()));
    expect(answers.filter(({ refreshed }) => refreshed)).not.toEqual([]);
    // Whoever had not arrived when the server began to stop is told to come again.
    for (const { reason = 'alive' } of answers) expect(['alive', 'busy']).toContain(reason);
    await late;
    expect(await ended).toBe(0);
    expect(provider.grants()).toBe(before.grants + 1);

    // The token that was rotated while the server stopped is the one that the next server has.
    const next = await startServer(folder);
    expect((await beat(browser)).status).toBe(200);
    await beatUntilRefreshed(browser);
    expect(await next.end('SIGTERM')).toBe(0);
  });

  it('stops on one SIGTERM though nobody reads what it logs any more', async () => {
    const server = await startServer(newFolder());
    server.child.stdout?.destroy();
    server.child.stderr?.destroy();
    const exited = once(server.child, 'exit');
    server.child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
  });

  it.each([
    ['the session', 'app', 200],
    ['all sessions of the user', 'app-without-sid', 401],
  ])('ends %s that the provider logs out, over the back channel (%s)', async (_, OIDC_CLIENT_ID, elsewhere) => {
    const server = await startServer(newFolder(), { OIDC_CLIENT_ID });
    const [browser, other, somebodyElse] = [newBrowser(), newBrowser(), newBrowser()];
    await signIn(browser, 'linus');
    await signIn(other, 'linus');
    await signIn(somebodyElse, 'margaret');
    // At the provider's own page, which knows nothing of ours.
    const page = await (await browser.send(`${provider.issuer}/session/end`)).text();
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(page)?.[1] ?? '';
    const body = new URLSearchParams({ xsrf, logout: 'yes' });
    await browser.send(`${provider.issuer}/session/end/confirm`, { method: 'POST', body });
    await server.logged('sessions ended by the identity provider');
    const over = await beat(browser);
    expect([over.status, await over.json()]).toMatchObject([401, { reason: 'revoked' }]);
    expect((await beat(other)).status).toBe(elsewhere);
    expect((await beat(somebodyElse)).status).toBe(200);
    expect(await server.end('SIGTERM')).toBe(0);
    expectNoSecretIn(server.output());
  });

  it('shares sessions over Redis with the servers of other hosts, and ends none of them while Redis is away', async () => {
    const redis = await startRedis();
    try {
      const shared = { STORE: 'redis', REDIS_URL: redis.url };
      const one = await startServer(newFolder(), shared);
      const two = await startServer(newFolder(), shared);
      const browser = newBrowser();
      await signIn(browser);
      await beatUntilRefreshed(browser);
      front.passTo((await one.logged('listening')).address);
      expect((await beat(browser)).status).toBe(200);
      await beatUntilRefreshed(browser);

      await redis.stop();
      await expect.poll(async () => (await (await beat(browser)).json()).reason, PATIENCE).toBe('store_unavailable');
      await one.logged('the connection to Redis was lost');
      await redis.restart();
      await beatUntilRefreshed(browser);

      const out = await browser.send('/auth/logout', { method: 'POST', headers: { Origin: front.origin } });
      expect(out.status).toBe(303);
      for (const server of [one, two]) {
        expect(await server.end('SIGTERM')).toBe(0);
        expectNoSecretIn(server.output());
      }
    } finally {
      await redis.close();
    }
  });

  it('shows at METRICS_PORT what operators watch, and nothing of a session', async () => {
    const server = await startServer(newFolder(), { METRICS_PORT: '0' });
    const { metricsAddress } = await server.logged('listening');
    const metrics = async () => (await fetch(`${metricsAddress}/metrics`)).text();
    const browser = newBrowser();
    await signIn(browser);
    await beatUntilRefreshed(browser);
    await browser.send('/auth/heartbeat', { method: 'POST' });
    await browser.send('/auth/nobody-has-this');
    provider.fault({ status: 500 }, 1);
    await expect
      .poll(async () => (await beat(browser)) && (await metrics()), PATIENCE)
      .toMatch(/outcome="ambiguous"} 1/);
    await browser.send('/auth/logout', { method: 'POST', headers: { Origin: front.origin } });
    await beat(browser);

    const page = await metrics();
    for (const line of [
      /^stillhere_requests_total{route="heartbeat",status="200",reason=""} [1-9]/m,
      'stillhere_requests_total{route="heartbeat",status="403",reason="cross_origin"} 1\n',
      'stillhere_requests_total{route="heartbeat",status="401",reason="no_session"} 1\n',
      /^stillhere_requests_total{route="callback",status="30\d",reason=""} 1$/m,
      'stillhere_requests_total{route="other",status="404",reason=""} 1\n',
      /^stillhere_token_requests_total{outcome="granted"} [1-9]/m,
      /^stillhere_token_request_seconds_count [1-9]/m,
      'stillhere_sessions_begun_total 1\n',
      'stillhere_sessions_ended_total{reason="revoked"} 1\n',
      /^process_resident_memory_bytes [1-9]/m,
    ]) {
      expect(page).toMatch(line);
    }
    // The two have ports of their own: what faces browsers shows no metrics.
    expect((await browser.send('/metrics')).status).toBe(404);
    expect((await fetch(`${metricsAddress}/auth/session`)).status).toBe(404);
    expectNoSecretIn(page);
    expect(await server.end('SIGTERM')).toBe(0);
  });

  it('reads its secrets from files', async () => {
    const folder = newFolder();
    mkdirSync(folder, { recursive: true });
    const secret = join(folder, 'client-secret');
    const key = join(folder, 'keys');
    writeFileSync(secret, `${CLIENT_SECRET}\n`);
    writeFileSync(key, `${KEY}\n`);
    const empty = { OIDC_CLIENT_SECRET: '', SESSION_KEYS: '' };
    const server = await startServer(folder, { ...empty, OIDC_CLIENT_SECRET_FILE: secret, SESSION_KEYS_FILE: key });
    const browser = newBrowser();
    await signIn(browser);
    await beatUntilRefreshed(browser);
    expect(await server.end('SIGTERM')).toBe(0);
  });
});
