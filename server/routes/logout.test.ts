import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AppUnderTest, ORIGIN, OURS, startApp } from '../testing/app/app-under-test.js';

let test: AppUnderTest;
beforeAll(async () => {
  test = await startApp();
});
afterAll(() => test.close());

describe('logout', () => {
  it('answers a form of the application with a redirect to the provider, which comes back', async () => {
    const browser = test.browser();
    await test.signIn(browser);
    const response = await browser.send('/auth/logout', { method: 'POST', headers: { Origin: ORIGIN } });
    expect(response.status).toBe(303);
    const url = new URL(response.headers.get('location') ?? '');
    expect(url.origin).toBe(test.provider.issuer);
    expect(url.searchParams.get('post_logout_redirect_uri')).toBe(`${ORIGIN}/`);
    expect(url.searchParams.get('id_token_hint')).toBeTruthy();
    expect(response.headers.get('cache-control')).toBe('private, no-store');
    const page = await browser.send(url.href);
    expect(page.status).toBe(200);
  });

  it('never logs the id_token_hint, a token or a cookie', async () => {
    const browser = test.browser();
    await test.signIn(browser);
    const cookie = browser.cookies().get('stillhere') ?? '-';
    const response = await browser.send('/auth/logout', { method: 'POST', headers: { Origin: ORIGIN } });
    const hint = new URL(response.headers.get('location') ?? '').searchParams.get('id_token_hint') ?? '-';
    const text = test.log.join('\n');
    expect(text).not.toContain(hint);
    expect(text).not.toContain(cookie);
    expect(text).not.toMatch(/eyJ/);
  });

  it.each([
    ['a form of another site', { Origin: 'https://evil.example' }],
    ['a form of a page that hides its origin', { Origin: 'null' }],
    ['a request without any origin', {}],
    ['a cross-site request', { 'Sec-Fetch-Site': 'cross-site', Origin: ORIGIN }],
    ['a sibling site', { 'Sec-Fetch-Site': 'same-site' }],
    ['a cross-site fetch with our header', { 'X-Stillhere': '1', Origin: 'https://evil.example' }],
  ])('refuses %s (forged logout)', async (_, headers: Record<string, string>) => {
    const browser = test.browser();
    await test.signIn(browser);
    const cookie = browser.cookies().get('stillhere') ?? null;
    const response = await browser.send('/auth/logout', { method: 'POST', headers });
    expect(response.status).toBe(403);
    expect(response.headers.getSetCookie()).toEqual([]);
    expect(await test.keepalive.service.peek(cookie)).toMatchObject({ kind: 'alive' });
  });

  it('is idempotent, and works without a session', async () => {
    const browser = test.browser();
    for (let count = 0; count < 2; count++) {
      const response = await browser.send('/auth/logout', { method: 'POST', headers: OURS });
      expect(response.status).toBe(200);
      expect(await response.json()).toEqual({ location: `${ORIGIN}/` });
    }
  });

  it('does not hang on a provider that does: it goes home instead', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const own = await startApp({ issuer: `http://127.0.0.1:${(silent.address() as AddressInfo).port}` });
    const created = await own.keepalive.service.create({
      identity: { issuer: 'https://id.example', subject: 'ada', providerSessionId: null },
      tokens: {
        ...{ accessToken: 'a', accessTokenExpiresIn: 300, refreshToken: 'r', refreshExpiresIn: 60 },
        ...{ idToken: 'id', scope: null },
      },
    });
    const browser = own.browser();
    browser.cookies().set('stillhere', created.ok ? created.cookie : '');
    const askedAt = performance.now();
    const response = await browser.send('/auth/logout', { method: 'POST', headers: OURS });
    // The metadata are waited for 8 s, by others; this takes 2 s, and what a busy machine adds.
    expect(performance.now() - askedAt).toBeLessThan(7_000);
    expect(await response.json()).toEqual({ location: `${ORIGIN}/` });
    expect(browser.cookies().size).toBe(0);
    silent.closeAllConnections();
    silent.close();
    await own.close();
  });

  it('clears both cookies even where the store is down', async () => {
    const down = await startApp();
    const browser = down.browser();
    await down.signIn(browser);
    const fails = async (): Promise<never> => {
      throw new Error('down');
    };
    down.keepalive.service.end = fails;
    const response = await browser.send('/auth/logout', { method: 'POST', headers: OURS });
    expect(response.status).toBe(200);
    expect(browser.cookies().size).toBe(0);
    await down.close();
  });
});
