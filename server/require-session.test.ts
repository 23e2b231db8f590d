import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requireSession } from './require-session.js';
import { type AppUnderTest, ORIGIN, startApp } from './testing/app/app-under-test.js';

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

  describe('and caches', () => {
    const guarded = () => {
      const app = new Hono();
      app.use('/kept/*', async (context, next) => {
        await next();
        context.header('Cache-Control', 'max-age=1');
      });
      app.use(requireSession(test.keepalive));
      app.get('/page', (context) => context.html('<p>private</p>'));
      app.get('/made', () => new Response('private', { headers: { 'X-Made': 'here' } }));
      app.get('/redirect', () => Response.redirect(`${ORIGIN}/page`, 303));
      app.get('/nothing', (context) => context.body(null, 204));
      app.get('/own', (context) => context.text('public', 200, { 'Cache-Control': 'public, max-age=60' }));
      app.get('/set', (context) => {
        context.header('cache-control', 'no-cache');
        return context.text('private');
      });
      app.get('/kept/page', (context) => context.text('public'));
      app.get('/fails', () => {
        throw new Error('the route fails');
      });
      app.onError((_, context) => context.text('failed', 500));
      return app;
    };

    it.each([
      ['/page', 200, 'private, no-store'],
      ['/made', 200, 'private, no-store'],
      ['/redirect', 303, 'private, no-store'],
      ['/nothing', 204, 'private, no-store'],
      ['/missing', 404, 'private, no-store'],
      ['/fails', 500, 'private, no-store'],
      ['/own', 200, 'public, max-age=60'],
      ['/set', 200, 'no-cache'],
      ['/kept/page', 200, 'max-age=1'],
    ])('answers %s with %i and Cache-Control: %s', async (path, status, cacheControl) => {
      const browser = test.browser();
      await test.signIn(browser);
      const headers = { Cookie: `stillhere=${browser.cookies().get('stillhere')}` };
      const answer = await guarded().request(ORIGIN + path, { headers });
      expect([answer.status, answer.headers.get('cache-control')]).toEqual([status, cacheControl]);
      if (path === '/made') expect([answer.headers.get('x-made'), await answer.text()]).toEqual(['here', 'private']);
    });

    it('forbids them to keep a refusal', async () => {
      const answer = await guarded().request(`${ORIGIN}/page`);
      expect([answer.status, answer.headers.get('cache-control')]).toEqual([401, 'private, no-store']);
    });
  });

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
