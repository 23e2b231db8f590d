import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { TestProvider } from '../dev-provider/provider.js';
import {
  CLIENT_KEY,
  CLIENT_SECRET,
  KEY,
  PATIENCE,
  useReadyMadeServer,
} from '../testing/processes/ready-made-server.js';

const {
  beat,
  beatUntilRefreshed,
  expectNoSecretIn,
  newBrowser,
  newFolder,
  origin,
  provider,
  secrets,
  signIn,
  startServer,
} = useReadyMadeServer();

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
      provider().fault(fault, 1);
      const { refresh } = provider().calls();
      await expect
        .poll(async () => (await beat(browser)) && provider().calls().refresh, PATIENCE)
        .toBeGreaterThan(refresh);
      await beatUntilRefreshed(browser);
    }
    // A callback that is nobody's, one that is replayed, and one that the provider refuses.
    await browser.send('/auth/callback?code=a-code-of-nobody&state=a-state-of-nobody');
    secrets.add('a-code-of-nobody').add('a-state-of-nobody');
    await browser.go('/auth/login?returnTo=/healthz', (url) => url.startsWith(`${origin()}/auth/callback`));
    const other = newBrowser();
    await signIn(other, 'grace');
    const out = await browser.send('/auth/logout', { method: 'POST', headers: { Origin: origin() } });
    const hint = new URL(out.headers.get('location') ?? '').searchParams.get('id_token_hint') ?? '';
    expect(hint).toMatch(/^eyJ/);
    secrets.add(hint);
    expect((await beat(browser)).status).toBe(401);
    // An end that only a provider can tell: the refresh token of the other is spent.
    provider().revoke();
    await expect.poll(async () => (await beat(other)).status, PATIENCE).toBe(401);
    expect(await server.end('SIGTERM')).toBe(0);
    expect(secrets.size).toBeGreaterThan(20);
    expectNoSecretIn(server.output());
  });

  it('keeps cookies, limits and connections as its environment says', async () => {
    const server = await startServer(newFolder(), {
      ...{ COOKIE_LIFETIME: 'browser', IDLE_TIMEOUT: '600', ABSOLUTE_TIMEOUT: '3600' },
      ...{ KEEP_ALIVE_TIMEOUT: '620', REQUEST_TIMEOUT: '2', TRUSTED_PROXIES: '127.0.0.1' },
      ...{
        OIDC_SCOPE: 'offline_access openid',
        OIDC_AUTH_PARAMS: 'prompt=consent&display=page',
        REFRESH_TOKEN_IDLE: '600',
        RATE_LIMIT: '1',
      },
    });
    const browser = newBrowser();
    await signIn(browser);
    const back = (url: string) => url.startsWith(`${origin()}/auth/callback`);
    const { url, path } = await browser.go('/auth/login?returnTo=/healthz', back);
    const asked = new URL(path[1] ?? '').searchParams;
    expect([asked.get('scope'), asked.get('display')]).toEqual(['offline_access openid', 'page']);
    await server.logged('a trusted proxy sends no X-Forwarded-For: no limit by address works');
    expect(server.output()).not.toContain('set REFRESH_TOKEN_IDLE');
    const set = (await browser.send(url)).headers
      .getSetCookie()
      .filter((line) => /^stillhere(-session)?=\S/.test(line));
    expect(set).toHaveLength(2);
    for (const line of set) expect(line).not.toMatch(/max-age|expires/i);
    expect(await (await beat(browser)).json()).toMatchObject({ idleTimeout: 600, absoluteTimeout: 3_600 });
    const beats = await Promise.all(Array.from({ length: 25 }, () => beat(browser)));
    const refused = beats.find(({ status }) => status === 429);
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(30);

    const { address } = await server.logged('listening');
    const { hostname, port } = new URL(String(address));
    expect((await fetch(`${address}/healthz`)).headers.get('keep-alive')).toBe('timeout=620');
    const startedAt = performance.now();
    const slow = connect(Number(port), hostname);
    slow.on('error', () => undefined).resume();
    slow.write(
      `POST /auth/heartbeat HTTP/1.1\r\nHost: app\r\nX-Stillhere: 1\r\nOrigin: ${origin()}\r\nContent-Length: 9\r\n\r\n`,
    );
    await once(slow, 'close');
    // By default it would be 20 s.
    expect(performance.now() - startedAt).toBeLessThan(15_000);
    expect(await server.end('SIGTERM')).toBe(0);
  });

  it('proves who it is in the way that it is told', async () => {
    const server = await startServer(newFolder(), {
      ...{ OIDC_CLIENT_ID: 'app-by-key', OIDC_CLIENT_SECRET: '' },
      ...{ OIDC_CLIENT_AUTH_METHOD: 'private_key_jwt', OIDC_CLIENT_KEY: CLIENT_KEY },
    });
    const browser = newBrowser();
    await signIn(browser);
    await beatUntilRefreshed(browser);
    expect(await server.end('SIGTERM')).toBe(0);
    expectNoSecretIn(server.output());
  });

  it('finishes and stores on SIGTERM the grant that runs, answers the requests that wait for it, and takes no new ones', async () => {
    const folder = newFolder();
    const server = await startServer(folder);
    const browser = newBrowser();
    await signIn(browser);
    let letThrough = (): void => {};
    provider().fault({ hold: new Promise<void>((resolve) => (letThrough = resolve)) }, 1);
    const before = { calls: provider().calls().refresh, grants: provider().grants() };
    const waiting: Promise<Response>[] = [];
    await expect
      .poll(() => {
        waiting.push(beat(browser));
        return provider().calls().refresh;
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
    for (const { reason = 'alive' } of answers) expect(reason).toBe('alive');
    await late;
    expect(await ended).toBe(0);
    expect(provider().grants()).toBe(before.grants + 1);

    // The token that was rotated while the server stopped is the one that the next server has.
    const next = await startServer(folder);
    expect((await beat(browser)).status).toBe(200);
    await beatUntilRefreshed(browser);
    expect(await next.end('SIGTERM')).toBe(0);
  });

  it('says in the log who was logged out and why, in one line each', async () => {
    const server = await startServer(newFolder(), { LOG_SUBJECT: '1', LOG_LEVEL: 'info' });
    const [browser, other] = [newBrowser(), newBrowser()];
    const lines = () =>
      server
        .output()
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line));
    await signIn(browser, 'dave');
    // The provider knows the browser: the second login goes through without its page.
    expect((await browser.go('/auth/login?returnTo=/healthz')).url).toBe(`${origin()}/healthz`);
    await beatUntilRefreshed(browser);
    await signIn(other, 'grace');
    await browser.send('/auth/logout', { method: 'POST', headers: { Origin: origin() } });
    provider().revoke();
    await expect.poll(async () => (await beat(other)).status, PATIENCE).toBe(401);
    expect(await server.end('SIGTERM')).toBe(0);

    const [first, second] = lines().filter(({ event, subject }) => event === 'session.begin' && subject === 'dave');
    expect(second).toMatchObject({ level: 30, pid: server.child.pid, user: first.user });
    const told = lines().filter(({ user }) => user === first.user);
    const ends = told.filter(({ event }) => event === 'session.end');
    expect(ends).toMatchObject([
      { level: 30, sessionId: first.sessionId, reason: 'revoked', by: 'login' },
      { level: 30, sessionId: second.sessionId, reason: 'revoked', by: 'logout' },
    ]);
    expect(told.filter(({ event }) => event === 'session.refresh')).not.toEqual([]);
    const [graces] = lines().filter(({ event, subject }) => event === 'session.begin' && subject === 'grace');
    expect(lines().filter(({ event, user }) => event === 'session.end' && user === graces.user)).toMatchObject([
      { sessionId: graces.sessionId, reason: 'refresh_rejected' },
    ]);
    for (const { event } of lines()) expect(event).toMatch(/^\w+\.\w+$/);
  });

  it('cuts a stop that takes longer than SHUTDOWN_TIMEOUT, and says so', async () => {
    const server = await startServer(newFolder(), { SHUTDOWN_TIMEOUT: '1' });
    const browser = newBrowser();
    await signIn(browser);
    let letThrough = (): void => {};
    provider().fault({ hold: new Promise<void>((resolve) => (letThrough = resolve)) }, 1);
    const { refresh } = provider().calls();
    const beats: Promise<unknown>[] = [];
    await expect
      .poll(() => {
        beats.push(beat(browser).catch(() => undefined));
        return provider().calls().refresh;
      }, PATIENCE)
      .toBe(refresh + 1);
    expect(await server.end('SIGTERM')).toBe(1);
    expect(await server.logged('the server was ended before all was done')).toMatchObject({
      event: 'server.cut',
      seconds: 1,
    });
    letThrough();
    await Promise.all(beats);
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
    const page = await (await browser.send(`${provider().issuer}/session/end`)).text();
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(page)?.[1] ?? '';
    const body = new URLSearchParams({ xsrf, logout: 'yes' });
    await browser.send(`${provider().issuer}/session/end/confirm`, { method: 'POST', body });
    await server.logged('sessions ended by the identity provider');
    expect(await server.logged('a session ended')).toMatchObject({ reason: 'revoked', by: 'provider' });
    const over = await beat(browser);
    expect([over.status, await over.json()]).toMatchObject([401, { reason: 'revoked' }]);
    expect((await beat(other)).status).toBe(elsewhere);
    expect((await beat(somebodyElse)).status).toBe(200);
    expect(await server.end('SIGTERM')).toBe(0);
    expectNoSecretIn(server.output());
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
