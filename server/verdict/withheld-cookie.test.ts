import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AppUnderTest, OURS, startApp } from '../testing/app/app-under-test.js';

let test: AppUnderTest;
beforeAll(async () => {
  test = await startApp();
});
afterAll(() => test.close());

const SKIPPED = { 'Secure-Session-Skipped': 'server_error;session_identifier="bound"' };
const ROUTES = [
  ['a beat', '/auth/heartbeat', 'POST'],
  ['the question what is left', '/auth/session', 'GET'],
  ["a guarded route's request", '/api/me', 'GET'],
] as const;

describe('a request whose device-bound cookie the browser withheld', () => {
  it.each(ROUTES)('is answered "later": %s', async (_name, path, method) => {
    const stranger = test.browser();
    expect((await stranger.send(path, { method, headers: OURS })).status).toBe(401);
    const response = await stranger.send(path, { method, headers: { ...OURS, ...SKIPPED } });
    expect([response.status, await response.json()]).toMatchObject([503, { reason: 'cookie_withheld' }]);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it.each(ROUTES)("is answered as ever if the session's own cookie is there: %s", async (_name, path, method) => {
    const browser = test.browser();
    await test.signIn(browser);
    const ask = () => browser.send(path, { method, headers: { ...OURS, ...SKIPPED } });
    expect((await ask()).status).toBe(200);
    await test.keepalive.service.end(browser.cookies().get('stillhere') ?? '', 'revoked');
    expect([(await ask()).status, await (await ask()).json()]).toMatchObject([401, { reason: 'revoked' }]);
  });
});
