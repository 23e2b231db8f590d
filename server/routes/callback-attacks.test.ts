import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AppUnderTest, isCallback, loginCookies, ORIGIN, OURS, startApp } from '../testing/app/app-under-test.js';
import { attemptId } from './login-attempt.js';

let test: AppUnderTest;
beforeAll(async () => {
  test = await startApp();
});
afterAll(() => test.close());

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
    // A thief of the whole cookie jar, before the first answer, has the provider against them: a
    // code is good once.
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
