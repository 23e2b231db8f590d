import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AppUnderTest, isCallback, loginCookies, ORIGIN, OURS, startApp } from '../testing/app/app-under-test.js';

let test: AppUnderTest;
beforeAll(async () => {
  test = await startApp();
});
afterAll(() => test.close());

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
      // The last tab's login ends first, and takes along what the others have left: they go to
      // their own pages.
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
