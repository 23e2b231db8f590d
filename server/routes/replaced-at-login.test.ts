import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AppUnderTest, OURS, startApp } from '../testing/app/app-under-test.js';

let test: AppUnderTest;
beforeAll(async () => {
  test = await startApp();
});
afterAll(() => test.close());

describe('a login in a browser that is signed in', () => {
  it.each([
    ['the same user', 'ada'],
    ['another user', 'grace'],
  ])(
    'answers 503 to what still comes with the old cookie, which opens no route of the application (%s)',
    async (_, name) => {
      const browser = test.browser();
      await test.signIn(browser);
      const old = { Cookie: `stillhere=${browser.cookies().get('stillhere')}` };
      const sessionId = browser.cookies().get('stillhere-session');
      // The provider does not know the browser any more, so that another account may sign in there.
      const next = test.browser();
      next.cookies().set('stillhere', browser.cookies().get('stillhere') ?? '');
      const logged = test.log.length;
      test.provider.nextAccount(name);
      await test.signIn(next);
      test.provider.nextAccount('ada');

      const headers = { ...OURS, ...old };
      const asks = [
        ['/auth/heartbeat', 'POST'],
        ['/auth/session', 'GET'],
      ] as const;
      for (const [path, method] of asks) {
        const answer = await browser.send(path, { method, headers });
        const body = await answer.json();
        expect([answer.status, body]).toMatchObject([503, { reason: 'session_replaced', sessionId }]);
        // Nothing that says that the activity was recorded.
        expect(body).not.toHaveProperty('idleExpiresIn');
        expect(answer.headers.get('retry-after')).toBe('1');
        expect(answer.headers.get('cache-control')).toContain('no-store');
      }
      const guarded = await browser.send('/api/me', { headers: old });
      expect([guarded.status, await guarded.json()]).toMatchObject([401, { reason: 'revoked' }]);
      expect((await next.send('/auth/heartbeat', { method: 'POST', headers: OURS })).status).toBe(200);
      const ends = test.log.slice(logged).filter((line) => line.includes('session.end'));
      expect(ends).toHaveLength(1);
      expect(ends[0]).toContain('"by":"login"');
    },
  );
});
