import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requireSession } from './require-session.js';
import { type AppUnderTest, ORIGIN, startApp } from './testing/app-under-test.js';

let test: AppUnderTest;
beforeAll(async () => {
  test = await startApp();
});
afterAll(() => test.close());

describe('requireSession', () => {
  it('hands the session and a fresh access token to the route', async () => {
    const browser = test.browser();
    await test.signIn(browser);
    const response = await browser.send('/api/me');
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ subject: 'ada', hasToken: true });
  });

  it('answers 401 with the reason where there is no session', async () => {
    const response = await test.browser().send('/api/me');
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ reason: 'no_session' });
    expect(response.headers.get('www-authenticate')).toBeTruthy();
  });

  it('does not take the public id for the credential', async () => {
    const browser = test.browser();
    await test.signIn(browser);
    const thief = test.browser();
    thief.cookies().set('stillhere', browser.cookies().get('stillhere-session') ?? '');
    expect((await thief.send('/api/me')).status).toBe(401);
  });

  it.each([
    ['POST', { Origin: 'https://evil.example' }, 403],
    ['POST', { 'Sec-Fetch-Site': 'cross-site' }, 403],
    ['DELETE', {}, 403],
    ['POST', { 'Content-Type': 'application/json', 'Sec-Fetch-Site': 'same-site' }, 403],
    ['POST', { Origin: ORIGIN }, 200],
    ['POST', { 'Sec-Fetch-Site': 'same-origin' }, 200],
    ['GET', { 'Sec-Fetch-Site': 'cross-site' }, 200],
    ['HEAD', { 'Sec-Fetch-Site': 'cross-site' }, 200],
    ['OPTIONS', { 'Sec-Fetch-Site': 'cross-site' }, 403],
  ])(
    'answers %s with %j by %i (cross-site requests that change something)',
    async (method, headers: Record<string, string>, status) => {
      const browser = test.browser();
      await test.signIn(browser);
      expect((await browser.send('/api/me', { method, headers })).status).toBe(status);
    },
  );

  it('says 503 where the store is down, never 401', async () => {
    const down = await startApp({ store: 'sqlite', dataDir: '/dev/null/nowhere' });
    await expect(down.keepalive.ready).rejects.toThrow();
    const browser = down.browser();
    browser.cookies().set('stillhere', 'c'.repeat(43));
    const response = await browser.send('/api/me');
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ reason: 'store_unavailable' });
    await down.close();
  });

  it('is refused for an application with sessions of its own', () => {
    expect(() => requireSession(JSON.parse('{}'))).toThrow(TypeError);
  });
});
