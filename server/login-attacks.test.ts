import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attemptId, openAttempt, sealAttempt } from './login-attempt.js';
import { createKeyRing } from './session/key-ring.js';
import { type AppUnderTest, KEY, ORIGIN, OURS, startApp } from './testing/app-under-test.js';

let test: AppUnderTest;
beforeAll(async () => {
  test = await startApp();
});
afterAll(() => test.close());

const isCallback = (url: string): boolean => url.startsWith(`${ORIGIN}/auth/callback`);
const loginCookies = (cookies: Map<string, string>): string[] =>
  [...cookies.keys()].filter((name) => name.includes('-login-'));

describe('login', () => {
  it('asks with PKCE, state and nonce, and stores the attempt in the browser only', async () => {
    const browser = test.browser();
    const response = await browser.send('/auth/login?returnTo=/form');
    expect(response.status).toBe(303);
    const { origin, searchParams } = new URL(response.headers.get('location') ?? '');
    expect(origin).toBe(new URL(test.provider.issuer).origin);
    expect(Object.fromEntries(searchParams)).toMatchObject({
      response_type: 'code',
      redirect_uri: `${ORIGIN}/auth/callback`,
      code_challenge_method: 'S256',
    });
    const [line = ''] = response.headers.getSetCookie();
    expect(line).toMatch(/^stillhere-login-[\w-]{11}=/);
    expect(line).toMatch(/; Max-Age=600; Path=\/; HttpOnly; SameSite=Lax$/);
    for (const name of ['state', 'nonce']) {
      expect(searchParams.get(name)).toBeTruthy();
      expect(line).not.toContain(searchParams.get(name));
    }
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
  });

  it('adds the parameters that a provider needs, and none that decide its safety', async () => {
    const authParams = { access_type: 'offline', prompt: 'consent' };
    const issuer = test.provider.issuer;
    const own = await startApp({ oidc: { issuer, clientId: 'app', authParams } });
    const response = await own.browser().send('/auth/login');
    const { searchParams } = new URL(response.headers.get('location') ?? '');
    expect(Object.fromEntries(searchParams)).toMatchObject({ ...authParams, response_type: 'code' });
    await own.close();
  });

  it('keeps twenty attempts in a browser, and drops the oldest (cookies that grow without end)', async () => {
    const browser = test.browser();
    const first = await browser.send('/auth/login');
    const [oldest = ''] = loginCookies(browser.cookies());
    expect(first.status).toBe(303);
    // Attempts of one second have no order among them: this one is made older by its readable part.
    browser.cookies().set(oldest, `1.${browser.cookies().get(oldest)?.split('.').slice(1).join('.')}`);
    for (let count = 0; count < 21; count++) await browser.send('/auth/login');
    expect(loginCookies(browser.cookies())).toHaveLength(20);
    expect(loginCookies(browser.cookies())).not.toContain(oldest);
  });

  it.each([
    [5, 1_000],
    [20, 300],
  ])(
    'leaves little in a browser whose %i tabs log in at once, with %i characters to come back to (headers that servers refuse)',
    async (tabs, length) => {
      const browser = test.browser();
      const returnTo = (tab: number) => `/${tab}-`.padEnd(length, 'x');
      // None of the requests brings what the answer to another one sets.
      const answers = await Promise.all(
        Array.from({ length: tabs }, (_, tab) =>
          browser.send(`/auth/login?returnTo=${encodeURIComponent(returnTo(tab))}`, { headers: { Cookie: '' } }),
        ),
      );
      const header = [...browser.cookies()].map(([name, value]) => `${name}=${value}`).join('; ');
      expect(loginCookies(browser.cookies())).toHaveLength(tabs);
      // With the prefix `__Host-` each is 7 bytes longer.
      expect(header.length).toBeLessThanOrEqual(tabs * 59);
      const locations = answers.map((answer) => answer.headers.get('location') ?? '');
      for (const location of locations) expect(location.length).toBeLessThan(2_500);
      // The last tab's login ends first, and takes along what the others have left: they go to their own pages.
      for (const [tab, location] of [...locations.entries()].reverse()) {
        const { url } = await browser.go(location, isCallback);
        const answer = await browser.send(url);
        expect(answer.headers.get('location')).toBe(`${ORIGIN}${returnTo(tab)}`);
        expect(loginCookies(browser.cookies())).toEqual([]);
      }
    },
  );

  it('takes the attempts that are left out of the browser at logout', async () => {
    const browser = test.browser();
    await test.signIn(browser);
    await browser.send('/auth/login');
    expect(loginCookies(browser.cookies())).toHaveLength(1);
    await browser.send('/auth/logout', { method: 'POST', headers: OURS });
    expect(loginCookies(browser.cookies())).toEqual([]);
  });

  it.each([
    ['a prefetch', 'GET', { 'Sec-Purpose': 'prefetch', 'Sec-Fetch-Mode': 'navigate' }],
    ['a prerendered page', 'GET', { 'Sec-Purpose': 'prefetch;prerender', 'Sec-Fetch-Mode': 'navigate' }],
    ['an older prefetch', 'GET', { Purpose: 'prefetch' }],
    ['a preview', 'GET', { 'X-Purpose': 'preview' }],
    ["an older Firefox's prefetch", 'GET', { 'X-Moz': 'prefetch' }],
    ['a prerendered page that says only that', 'GET', { 'Sec-Purpose': 'prerender' }],
    ["a framework's prefetch", 'GET', { 'Next-Router-Prefetch': '1' }],
    ["a script's request", 'GET', { 'Sec-Fetch-Mode': 'cors', 'Sec-Fetch-Dest': 'empty' }],
    ['an image', 'GET', { 'Sec-Fetch-Mode': 'no-cors', 'Sec-Fetch-Dest': 'image' }],
    ['a link checker', 'HEAD', {}],
  ])('begins by a navigation only, not by %s (a login that is pushed out)', async (_name, method, headers) => {
    const browser = test.browser();
    const { url } = await browser.go('/auth/login?returnTo=/form', isCallback);
    const before = new Map(browser.cookies());
    for (const path of ['/auth/login', url]) {
      const answer = await browser.send(path, { method, headers });
      expect([answer.status, answer.headers.getSetCookie()]).toEqual([503, []]);
      expect(answer.headers.get('cache-control')).toContain('no-store');
    }
    expect(browser.cookies()).toEqual(before);
    expect((await browser.send(url)).headers.get('location')).toBe(`${ORIGIN}/form`);
  });

  it('serves two tabs that log in at once', async () => {
    const browser = test.browser();
    const one = await browser.go('/auth/login?returnTo=/one', isCallback);
    const other = await browser.go('/auth/login?returnTo=/other', isCallback);
    expect((await browser.send(other.url)).headers.get('location')).toBe(`${ORIGIN}/other`);
    expect((await browser.send(one.url)).headers.get('location')).toBe(`${ORIGIN}/one`);
  });

  it.each(['https://evil.example/', '//evil.example', '/auth/login', '/..//evil.example'])(
    'comes back to the application for returnTo=%s (open redirect)',
    async (returnTo) => {
      const browser = test.browser();
      const { url } = await browser.go(`/auth/login?returnTo=${encodeURIComponent(returnTo)}`, isCallback);
      const response = await browser.send(url);
      expect(response.status).toBe(303);
      const location = response.headers.get('location') ?? '';
      expect(location.startsWith(`${ORIGIN}/`)).toBe(true);
      expect(location).not.toContain('/auth');
    },
  );

  it('takes the redirect address from its own origin, never from the request (forged Host)', async () => {
    const response = await test.app.request('http://evil.example/auth/login', {
      headers: { Host: 'evil.example', 'X-Forwarded-Host': 'evil.example' },
    });
    const { searchParams } = new URL(response.headers.get('location') ?? '');
    expect(searchParams.get('redirect_uri')).toBe(`${ORIGIN}/auth/callback`);
  });
});

describe('callback', () => {
  it('refuses an answer that this browser did not ask for (login CSRF)', async () => {
    const attacker = test.browser();
    const { url } = await attacker.go('/auth/login', isCallback);
    const victim = test.browser();
    const response = await victim.send(url);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain(`href="${ORIGIN}/auth/login"`);
    expect(victim.cookies().size).toBe(0);
  });

  it("refuses a state that is not the cookie's", async () => {
    const browser = test.browser();
    const { url } = await browser.go('/auth/login', isCallback);
    const [name = ''] = loginCookies(browser.cookies());
    const other = await test.browser().send('/auth/login');
    const { searchParams } = new URL(other.headers.get('location') ?? '');
    const forged = new URL(url);
    const state = searchParams.get('state') ?? '';
    forged.searchParams.set('state', state);
    browser.cookies().set(`stillhere-login-${attemptId(state)}`, browser.cookies().get(name) ?? '');
    expect((await browser.send(forged.href)).status).toBe(400);
    expect(browser.cookies().has('stillhere')).toBe(false);
  });

  it('refuses two states in one address', async () => {
    const browser = test.browser();
    const { url } = await browser.go('/auth/login', isCallback);
    expect((await browser.send(`${url}&state=another`)).status).toBe(400);
  });

  it.each([
    ['of another issuer', 'https://evil.example'],
    ['without an issuer, though the provider always says it', null],
  ])('refuses an answer %s (mix-up, RFC 9207)', async (_, iss) => {
    const browser = test.browser();
    const { url } = await browser.go('/auth/login', isCallback);
    const mixed = new URL(url);
    if (iss) mixed.searchParams.set('iss', iss);
    else mixed.searchParams.delete('iss');
    expect((await browser.send(mixed.href)).status).toBe(400);
    expect(browser.cookies().has('stillhere')).toBe(false);
  });

  it('refuses a second answer with the same state (replayed state)', async () => {
    const browser = test.browser();
    const { url } = await browser.go('/auth/login', isCallback);
    const before = new Map(browser.cookies());
    expect((await browser.send(url)).status).toBe(303);
    // A thief of the whole cookie jar, before the first answer, has the provider against them: a code is good once.
    const thief = test.browser();
    for (const [name, value] of before) thief.cookies().set(name, value);
    expect((await thief.send(url)).status).toBe(400);
    expect(thief.cookies().has('stillhere')).toBe(false);
  });

  it('goes on when reloaded if signed in, and starts no login by itself', async () => {
    const browser = test.browser();
    const { url } = await browser.go('/auth/login?returnTo=/form', isCallback);
    await browser.send(url);
    const again = await browser.send(url);
    expect(again.status).toBe(303);
    expect(again.headers.get('location')).toBe(`${ORIGIN}/form`);
  });

  it('prints nothing that the address says (error_description)', async () => {
    const browser = test.browser();
    await browser.send('/auth/login');
    const { url } = await browser.go('/auth/login?returnTo=/form', isCallback);
    const { searchParams } = new URL(url);
    const refused = new URLSearchParams({
      error: 'access_denied',
      error_description: '<b>call 555-0100</b>',
      state: searchParams.get('state') ?? '',
      iss: searchParams.get('iss') ?? '',
    });
    const response = await browser.send(`/auth/callback?${refused}`);
    expect(response.status).toBe(400);
    const page = await response.text();
    expect(page).not.toContain('555');
    expect(page).toContain(`href="${ORIGIN}/auth/login?returnTo=${encodeURIComponent(`${ORIGIN}/form`)}"`);
    expect(page).not.toContain('access_denied');
    expect(test.log.at(-1)).toContain('"detail":"access_denied"');
    expect(test.log.join()).not.toContain('555');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('says in the log that the client secret is wrong, and to the user that trying again will not help', async () => {
    const { issuer, clientId } = test.provider;
    const own = await startApp({ oidc: { issuer, clientId, clientSecret: 'another-secret' } });
    const { response } = await own.browser().go('/auth/login');
    expect(response.status).toBe(503);
    expect(await response.text()).toContain('Signing in is not possible at the moment.');
    expect(own.log.at(-1)).toMatch(
      /^login: the identity provider refused this application .*"detail":"invalid_client"/,
    );
    expect(own.log.join()).not.toContain('another-secret');
    await own.close();
  });

  it('mints a new session and ends the one it replaces (session fixation)', async () => {
    const browser = test.browser();
    await test.signIn(browser);
    const planted = browser.cookies().get('stillhere') ?? '';
    await test.signIn(browser);
    expect(browser.cookies().get('stillhere')).not.toBe(planted);
    const verdict = await test.keepalive.service.access(planted);
    expect(verdict).toMatchObject({ kind: 'over', reason: 'revoked' });
  });

  it('leaves the new session its refresh token when it ends the one it replaces (a grant that both share)', async () => {
    const short = await startApp({ accessTokenTtl: 1 });
    const browser = short.browser();
    await short.signIn(browser);
    await short.signIn(browser);
    let beat: { status: number; refreshed: boolean };
    do {
      const response = await browser.send('/auth/heartbeat', { method: 'POST', headers: OURS });
      const { refreshed = false } = (await response.json()) as { refreshed?: boolean };
      beat = { status: response.status, refreshed };
      if (!refreshed) await new Promise((resolve) => setTimeout(resolve, 100));
    } while (beat.status === 200 && !beat.refreshed);
    expect(beat).toEqual({ status: 200, refreshed: true });
    await short.close();
  });

  it('revokes the refresh token of the session it replaces where that was another user’s', async () => {
    const browser = test.browser();
    await test.signIn(browser);
    const before = test.provider.paths.length;
    const revocations = () => test.provider.paths.slice(before).filter((path) => path === '/token/revocation').length;
    // Another person, who is new to the provider, in the browser of the first.
    const other = test.browser();
    other.cookies().set('stillhere', browser.cookies().get('stillhere') ?? '');
    test.provider.nextAccount('grace');
    await test.signIn(other);
    test.provider.nextAccount('ada');
    await expect.poll(revocations, { timeout: 10_000 }).toBe(1);
  });

  it.each([
    ['cannot be stored', 503, { create: async () => Promise.reject(new Error('disk full')) }],
    ['the provider has ended meanwhile', 400, { create: async () => ({ ok: false, reason: 'revoked' }) as const }],
  ])('gives back at the provider what it was granted for a session that %s', async (_, status, broken) => {
    const own = await startApp();
    Object.assign(own.keepalive.service, broken);
    const browser = own.browser();
    const { url } = await browser.go('/auth/login?returnTo=/form', isCallback);
    const response = await browser.send(url);
    expect(response.status).toBe(status);
    expect(response.headers.get('retry-after')).toBe(status === 503 ? '10' : null);
    expect(browser.cookies().size).toBe(0);
    await expect.poll(() => own.provider.paths, { timeout: 10_000 }).toContain('/token/revocation');
    await own.close();
  });

  it('leaves no address behind in a Referer, nor anything in a cache', async () => {
    const browser = test.browser();
    const { url } = await browser.go('/auth/login', isCallback);
    const { headers } = await browser.send(url);
    expect([headers.get('referrer-policy'), headers.get('cache-control')]).toEqual([
      'no-referrer',
      'private, no-store',
    ]);
  });

  it('takes no session id that somebody planted before the login (session fixation)', async () => {
    const browser = test.browser();
    const planted = 'p'.repeat(43);
    browser.cookies().set('stillhere', planted);
    await test.signIn(browser);
    expect(browser.cookies().get('stillhere')).not.toBe(planted);
    expect(await test.keepalive.service.peek(planted)).toMatchObject({ kind: 'over' });
  });
});

describe('login attempts', () => {
  const attempt = { nonce: 'n', verifier: 'v', returnTo: `${ORIGIN}/`, fresh: false };
  const now = (): number => Math.floor(Date.now() / 1_000);

  it('open under any key of the ring', async () => {
    const { state, cookie } = await sealAttempt(createKeyRing([KEY]), { ...attempt, startedAt: now() });
    const other = Buffer.alloc(32, 9).toString('base64url');
    expect(await openAttempt(createKeyRing([other, KEY]), state, cookie)).toMatchObject({ ...attempt, isOwn: true });
    expect(await openAttempt(createKeyRing([other]), state, cookie)).toBeNull();
  });

  it('do not open when they are older than ten minutes, or no seal at all', async () => {
    const ring = createKeyRing([KEY]);
    const { state, cookie } = await sealAttempt(ring, { ...attempt, startedAt: now() - 601 });
    expect(await openAttempt(ring, state, cookie)).toBeNull();
    for (const forged of ['a.b', '']) expect(await openAttempt(ring, forged, cookie)).toBeNull();
  });

  it("are another browser's without the cookie, or with another one", async () => {
    const ring = createKeyRing([KEY]);
    const { state } = await sealAttempt(ring, { ...attempt, startedAt: now() });
    const { cookie: foreign } = await sealAttempt(ring, { ...attempt, startedAt: now() });
    for (const cookie of [null, '', foreign])
      expect(await openAttempt(ring, state, cookie)).toMatchObject({ isOwn: false });
  });

  it('keep the verifier from whoever reads the address (PKCE)', async () => {
    const { state } = await sealAttempt(createKeyRing([KEY]), { ...attempt, verifier: 'verifier', startedAt: now() });
    for (const part of state.split('.')) expect(Buffer.from(part, 'base64url').toString()).not.toContain('verifier');
  });
});

describe('a provider that is away', () => {
  it('gives a plain page with a link, status 503', async () => {
    const away = await startApp({ issuer: 'http://127.0.0.1:1' });
    const response = await away.browser().send('/auth/login');
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('10');
    const page = await response.text();
    expect(page).toContain(`href="${ORIGIN}/auth/login"`);
    expect(page).not.toContain('ECONNREFUSED');
    await away.close();
  });
});
