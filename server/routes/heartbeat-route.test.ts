import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKeepaliveApp } from '../app.js';
import { memoryStore } from '../store/memory-store.js';
import type { SessionStore } from '../store/store.js';
import { type AppUnderTest, ORIGIN, OURS, startApp } from '../testing/app/app-under-test.js';

const touched: string[] = [];
/** A store that says which of its methods were called. */
const watchedStore = (): SessionStore =>
  new Proxy(memoryStore(), {
    get(store, name, receiver) {
      touched.push(String(name));
      return Reflect.get(store, name, receiver);
    },
  });

let test: AppUnderTest;
beforeAll(async () => {
  test = await startApp({ store: watchedStore() });
});
afterAll(() => test.close());

const JSON_TYPE = { 'Content-Type': 'application/json' };

describe('POST heartbeat', () => {
  it.each<[string, number, RequestInit]>([
    ['a forged Origin', 403, { method: 'POST', headers: { 'X-Stillhere': '1', Origin: 'https://evil.example' } }],
    ['a hidden Origin without the header', 403, { method: 'POST', headers: { Origin: 'null' } }],
    ['no Origin at all', 403, { method: 'POST', headers: { 'X-Stillhere': '1' } }],
    [
      'a cross-site request',
      403,
      { method: 'POST', headers: { ...OURS, 'Sec-Fetch-Site': 'cross-site', Origin: ORIGIN } },
    ],
    ['a form of our own site without the header', 403, { method: 'POST', headers: { Origin: ORIGIN } }],
    ['another method', 405, { method: 'PUT', headers: OURS }],
    ['an oversized body', 413, { method: 'POST', headers: { ...OURS, ...JSON_TYPE }, body: 'x'.repeat(10_000) }],
    ['a body of another type', 415, { method: 'POST', headers: { ...OURS, 'Content-Type': 'text/plain' }, body: '{}' }],
    ["a body that is not the contract's", 400, { method: 'POST', headers: { ...OURS, ...JSON_TYPE }, body: '{"v":9}' }],
  ])('refuses %s with %i, and touches neither store nor cookies', async (_, status, init) => {
    const browser = test.browser();
    browser.cookies().set('stillhere', 'c'.repeat(43));
    touched.length = 0;
    const response = await browser.send('/auth/heartbeat', init);
    expect(response.status).toBe(status);
    expect(touched).toEqual([]);
    expect(response.headers.getSetCookie()).toEqual([]);
    expect(response.headers.get('cache-control')).toBe('private, no-store');
  });

  it('leaves the cookies alone when the session is over: a late answer must not wipe a newer login', async () => {
    const browser = test.browser();
    browser.cookies().set('stillhere', 'c'.repeat(43));
    const response = await browser.send('/auth/heartbeat', { method: 'POST', headers: OURS });
    expect(response.status).toBe(401);
    expect(response.headers.getSetCookie()).toEqual([]);
    expect(await response.json()).toMatchObject({ reason: 'no_session', sessionId: expect.any(String) });
  });

  it('says how many beats are too many', async () => {
    const slow = await startApp({ rateLimit: 1 });
    const browser = slow.browser();
    await slow.signIn(browser);
    let last = 200;
    for (let count = 0; count < 40 && last === 200; count++) {
      last = (await browser.send('/auth/heartbeat', { method: 'POST', headers: OURS })).status;
    }
    expect(last).toBe(429);
    await slow.close();
  });
});

describe('an application with sessions of its own', () => {
  const app = new Hono();
  app.route(
    '/session/keepalive',
    createKeepaliveApp({
      appOrigin: ORIGIN,
      identify: (request) => (request.headers.get('cookie') === 'sid=1' ? { key: '1', sessionId: 'public-1' } : null),
      refresh: () => ({ kind: 'alive', idleExpiresIn: 60, headers: { 'Set-Cookie': 'sid=2' } }),
    }),
  );
  const beat = (cookie: string): Response | Promise<Response> =>
    app.request(`${ORIGIN}/session/keepalive/heartbeat`, { method: 'POST', headers: { ...OURS, Cookie: cookie } });

  it('has its beat answered by its own two functions', async () => {
    const response = await beat('sid=1');
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ sessionId: 'public-1', idleExpiresIn: 60 });
    expect(response.headers.getSetCookie()).toEqual(['sid=2']);
    expect((await beat('sid=9')).status).toBe(401);
  });

  it('has no login of ours, but the page for a login in a pop-up', async () => {
    expect((await app.request(`${ORIGIN}/session/keepalive/login`)).status).toBe(404);
    const page = await (await app.request(`${ORIGIN}/session/keepalive/signed-in`)).text();
    expect(page).toContain('data-channel="stillhere:/session/keepalive/heartbeat"');
    expect(page).toContain('src="/session/keepalive/signed-in.js"');
  });

  it('is told which of the two functions is missing', () => {
    const wrong: object = { refresh: undefined };
    const right = { appOrigin: ORIGIN, identify: () => null, refresh: () => ({ kind: 'alive' as const }) };
    expect(() => createKeepaliveApp({ ...right, ...wrong })).toThrow('stillhere: option "refresh" takes a function');
  });
});
