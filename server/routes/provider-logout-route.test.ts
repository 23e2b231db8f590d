import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKeepaliveApp } from '../app.js';
import { memoryStore } from '../store/memory-store.js';
import { StoreError } from '../store/store.js';
import { type AppUnderTest, KEY, ORIGIN, OURS, startApp } from '../testing/app/app-under-test.js';
import type { Browser } from '../testing/app/browser.js';
import { type ServedApp, serveApp } from '../testing/app/served-app.js';

/** What nginx takes for all headers of an answer by default. */
const HEADERS_OF_A_PROXY = 4_096;
const LEAVE = `${ORIGIN}/auth/provider-logout`;

const folder = mkdtempSync(join(tmpdir(), 'stillhere-logout-'));
let test: AppUnderTest;
beforeAll(async () => {
  test = await startApp({ store: 'sqlite', dataDir: folder });
});
afterAll(async () => {
  await test.close();
  rmSync(folder, { recursive: true, force: true });
});

async function signOut(browser: Browser): Promise<string> {
  const response = await browser.send('/auth/logout', { method: 'POST', headers: OURS });
  expect(response.status).toBe(200);
  return response.text();
}

const locationOf = async (answer: Response | Promise<Response>): Promise<URL> =>
  new URL((await answer).headers.get('location') ?? '');
const hintOf = async (browser: Browser): Promise<string | null> =>
  (await locationOf(browser.send(LEAVE))).searchParams.get('id_token_hint');

describe('a logout by fetch', () => {
  it('hands the page an address of ours and no token; from there the browser goes to the provider, which comes back', async () => {
    const browser = test.browser();
    await test.signIn(browser);
    const body = await signOut(browser);
    expect(JSON.parse(body)).toEqual({ location: LEAVE });
    const answer = await browser.send(LEAVE);
    expect(answer.status).toBe(303);
    expect(answer.headers.get('cache-control')).toBe('private, no-store');
    const url = await locationOf(answer);
    expect(url.origin).toBe(test.provider.issuer);
    expect(url.searchParams.get('id_token_hint')).toMatch(/^eyJ/);
    expect(url.searchParams.get('post_logout_redirect_uri')).toBe(`${ORIGIN}/`);
    expect((await browser.send(url.href)).status).toBe(200);
    expect(test.log.join('\n')).not.toMatch(/eyJ/);
    expect(browser.cookies().size).toBe(0);
  });

  it.each(['cors', 'same-origin', 'no-cors'])(
    'without the header is known by what the browser says (Sec-Fetch-Mode: %s): its redirect would hand the token over',
    async (mode) => {
      const browser = test.browser();
      await test.signIn(browser);
      const headers = { 'Sec-Fetch-Site': 'same-origin', 'Sec-Fetch-Mode': mode, 'Sec-Fetch-Dest': 'empty' };
      const response = await browser.send('/auth/logout', { method: 'POST', headers });
      expect([response.status, await response.text()]).toEqual([200, JSON.stringify({ location: LEAVE })]);
      expect(await hintOf(browser)).toMatch(/^eyJ/);
    },
  );

  it('shows the ID token to the provider once, and only from the browser that signed out', async () => {
    const browser = test.browser();
    await test.signIn(browser);
    await signOut(browser);
    const stolen = new Map(browser.cookies());
    expect(await hintOf(test.browser())).toBeNull();
    expect(await hintOf(browser)).toMatch(/^eyJ/);
    const thief = test.browser();
    for (const [name, value] of stolen) thief.cookies().set(name, value);
    expect(await hintOf(thief)).toBeNull();
  });

  it('keeps the ID token for the browser that goes there: no prefetch and no script uses it up', async () => {
    const browser = test.browser();
    await test.signIn(browser);
    await signOut(browser);
    for (const headers of [{ 'Sec-Purpose': 'prefetch' }, { 'Sec-Fetch-Mode': 'cors', 'Sec-Fetch-Dest': 'empty' }])
      expect((await browser.send(LEAVE, { headers })).status).toBe(503);
    expect(await hintOf(browser)).toMatch(/^eyJ/);
  });

  it('hides the reference from scripts, for two minutes', async () => {
    const browser = test.browser();
    await test.signIn(browser);
    const response = await browser.send('/auth/logout', { method: 'POST', headers: OURS });
    const [cookie = ''] = response.headers.getSetCookie().filter((line) => line.startsWith('stillhere-logout='));
    expect(cookie).toContain('HttpOnly');
    expect(cookie).toContain('Max-Age=120');
    expect(cookie.length).toBeLessThan(200);
  });

  it('goes on in another process', async () => {
    const browser = test.browser();
    await test.signIn(browser);
    await signOut(browser);
    const { issuer, clientId, clientSecret } = test.provider;
    const oidc = { issuer, clientId, clientSecret };
    const other = createKeepaliveApp({ appOrigin: ORIGIN, oidc, store: 'sqlite', dataDir: folder, keys: [KEY] });
    const cookie = [...browser.cookies()].map((pair) => pair.join('=')).join('; ');
    const site = new Hono().route('/auth', other);
    const url = await locationOf(site.request(LEAVE, { headers: { Cookie: cookie } }));
    expect(url.searchParams.get('id_token_hint')).toMatch(/^eyJ/);
    await other.close();
  });

  it('reaches the provider without the ID token if the store cannot keep that', async () => {
    const store = memoryStore();
    const full = await startApp({
      store: { ...store, leave: () => Promise.reject(new StoreError('full', 'SQLITE_FULL')) },
    });
    const browser = full.browser();
    await full.signIn(browser);
    expect(JSON.parse(await signOut(browser))).toEqual({ location: LEAVE });
    const url = await locationOf(browser.send(LEAVE));
    expect(url.origin).toBe(full.provider.issuer);
    expect(url.searchParams.get('client_id')).toBe(full.provider.clientId);
    expect(url.searchParams.has('id_token_hint')).toBe(false);
    await full.close();
  });

  it('goes home if the provider has no end-session endpoint', async () => {
    const bare = await startApp({ metadata: { end_session_endpoint: undefined } });
    const browser = bare.browser();
    await bare.signIn(browser);
    expect(JSON.parse(await signOut(browser))).toEqual({ location: `${ORIGIN}/` });
    expect((await locationOf(browser.send(LEAVE))).href).toBe(`${ORIGIN}/`);
    await bare.close();
  });
});

describe('an ID token of 6 kB', () => {
  let served: ServedApp;
  beforeAll(async () => {
    served = await serveApp(test.app);
  });
  afterAll(() => served.close());

  async function sessionWith(idToken: string): Promise<string> {
    const created = await test.keepalive.service.create({
      identity: { issuer: test.provider.issuer, subject: 'ada', providerSessionId: null },
      tokens: {
        accessToken: 'a',
        accessTokenExpiresIn: 300,
        refreshToken: null,
        refreshExpiresIn: null,
        idToken,
        scope: null,
      },
    });
    return created.ok ? `stillhere=${created.cookie}` : '';
  }

  it.each([
    ['of 2 kB is shown to the provider', 2_000, true],
    ['of 6 kB is left out', 6_000, false],
  ])('makes no answer that a proxy refuses: one %s', async (_, length, isShown) => {
    const cookie = await sessionWith('x'.repeat(length));
    const answer = await served.ask('/auth/logout', { method: 'POST', headers: { Cookie: cookie, Origin: ORIGIN } });
    expect(answer.status).toBe(303);
    const bytes = Object.entries(answer.headers).reduce((sum, entry) => sum + entry.flat().join(': \r\n').length, 0);
    expect(bytes).toBeLessThan(HEADERS_OF_A_PROXY);
    const { searchParams } = new URL(String(answer.headers.location));
    expect(searchParams.get('client_id')).toBe(test.provider.clientId);
    expect(searchParams.has('id_token_hint')).toBe(isShown);
  });
});
