import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startProvider, type TestProvider } from '../dev-provider/provider.js';
import type { SessionService } from '../session/session-service.js';
import { appOrigin, JSON_TYPE, OURS, post } from '../testing/app/beat-request.js';
import { serviceAt } from '../testing/service-bench.js';
import type { Verdict } from '../verdict/verdict.js';
import { type HeartbeatOptions, handleHeartbeat } from './handle-heartbeat.js';

/** A service that answers always the same and remembers whether it was asked. */
function answering(verdict: Verdict) {
  const asked: Parameters<SessionService['beat']>[] = [];
  const service: Pick<SessionService, 'beat'> = {
    async beat(...question) {
      asked.push(question);
      return verdict;
    },
  };
  return { asked, options: { appOrigin, service, cookieName: 'sid' } satisfies HeartbeatOptions };
}

const OVER = { kind: 'over', reason: 'idle_timeout', sessionId: 's', user: 'u' } as const;

describe('a request that is not a beat of this application', () => {
  it.each([
    ['GET', new Request(`${appOrigin}/auth/heartbeat`, { headers: OURS }), 405, 'method_not_allowed'],
    ['without the header', post({ 'Sec-Fetch-Site': 'same-origin' }), 403, 'cross_origin'],
    ['from another site', post({ ...OURS, 'Sec-Fetch-Site': 'cross-site' }), 403, 'cross_origin'],
    ['from a sibling origin', post({ ...OURS, 'Sec-Fetch-Site': 'same-site', Origin: appOrigin }), 403, 'cross_origin'],
    ['with a foreign Origin', post({ 'X-Stillhere': '1', Origin: 'https://evil.example' }), 403, 'cross_origin'],
    ['with the Origin null of a form', post({ Origin: 'null' }), 403, 'cross_origin'],
    ['without any sign of its origin', post({ 'X-Stillhere': '1' }), 403, 'cross_origin'],
    [
      'as a form',
      post({ ...OURS, 'Content-Type': 'application/x-www-form-urlencoded' }, 'v=1'),
      415,
      'unsupported_type',
    ],
    ['with a long body', post({ ...OURS, ...JSON_TYPE }, `"${'x'.repeat(1024)}"`), 413, 'too_large'],
    ['with a body that says it is long', post({ ...OURS, 'Content-Length': '2000' }), 413, 'too_large'],
    ['with broken JSON', post({ ...OURS, ...JSON_TYPE }, '{'), 400, 'bad_request'],
    ['with an array', post({ ...OURS, ...JSON_TYPE }, '[]'), 400, 'bad_request'],
    ['of another version', post({ ...OURS, ...JSON_TYPE }, '{"v":2,"activity":"user","idleMs":0}'), 400, 'bad_request'],
    [
      'with an unknown activity',
      post({ ...OURS, ...JSON_TYPE }, '{"v":1,"activity":"x","idleMs":0}'),
      400,
      'bad_request',
    ],
    ['from the future', post({ ...OURS, ...JSON_TYPE }, '{"v":1,"activity":"user","idleMs":-1}'), 400, 'bad_request'],
  ])('%s is refused before anybody is asked', async (_name, request, status, reason) => {
    const { asked, options } = answering(OVER);
    const response = await handleHeartbeat(request, options);
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(response.headers.get('cache-control')).toBe('private, no-store');
    expect(response.headers.get('allow')).toBe(status === 405 ? 'POST' : null);
    expect(await response.json()).toMatchObject({ status, reason });
    expect(asked).toEqual([]);
  });
});

describe('a beat for a session that is held here', () => {
  it.each([
    ['no body', post({ 'X-Stillhere': '1', Origin: appOrigin, Cookie: 'a=b; sid=secret' }), 'user', 0],
    ['an empty body', post({ ...OURS, Cookie: 'sid=secret' }, ''), 'user', 0],
    [
      'a body',
      post({ ...OURS, ...JSON_TYPE, Cookie: 'sid=secret' }, '{"v":1,"activity":"none","idleMs":5}'),
      'none',
      5,
    ],
  ])('with %s reaches the service with the cookie', async (_name, request, activity, idleMs) => {
    const { asked, options } = answering(OVER);
    await handleHeartbeat(request, options);
    expect(asked).toEqual([['secret', { activity, idleMs }]]);
  });

  it('that is over is told by a 401 with a challenge, and no cookie is touched', async () => {
    const response = await handleHeartbeat(post(), answering(OVER).options);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Stillhere error="idle_timeout"');
    expect(response.headers.get('vary')).toBe('Cookie, Origin, Sec-Fetch-Site');
    expect(response.headers.getSetCookie()).toEqual([]);
    expect(await response.json()).toMatchObject({ status: 401, reason: 'idle_timeout', sessionId: 's', user: 'u' });
  });

  it('that has to wait is told for how many whole seconds, and what is left', async () => {
    const left = { sessionId: 's', user: 'u', idleExpiresIn: 50, absoluteExpiresIn: 60 };
    const busy = { kind: 'later', status: 503, reason: 'busy', retryAfter: 2.2, ...left } as const;
    const response = await handleHeartbeat(post(), answering(busy).options);
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('3');
    expect(await response.json()).toMatchObject({ reason: 'busy', ...left });
  });
});

describe('a beat against the real provider', () => {
  let provider: TestProvider;
  beforeAll(async () => {
    provider = await startProvider();
  });
  afterAll(() => provider.close());

  it('refreshes and answers with the contract, giving away no secret', async () => {
    const { service, open, pass } = serviceAt(provider);
    const { cookie, tokens, sessionId, user } = await open();
    pass(45);
    const request = post({ ...OURS, Cookie: `sid=${cookie}` });
    const response = await handleHeartbeat(request, { appOrigin, service, cookieName: 'sid' });
    expect(response.status).toBe(200);
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({ sessionId, user, refreshed: true, idleTimeout: 1800 });
    for (const secret of [cookie, tokens.accessToken, tokens.refreshToken, tokens.idToken])
      expect(text).not.toContain(secret);
  });
});

describe('options of handleHeartbeat', () => {
  const right = { appOrigin, identify: () => null, refresh: () => ({ kind: 'alive' as const }) };
  it.each<[string, object]>([
    ['appOrigin', { ...right, appOrigin: undefined }],
    ['appOrigin', { ...right, appOrigin: 'app.example' }],
    ['appOrigin', { ...right, appOrigin: 'http://app.example' }],
    ['appOrigin', { ...right, appOrigin: 'https://app.example/path' }],
    ['identify', { appOrigin, refresh: right.refresh }],
    ['refresh', { appOrigin, identify: right.identify }],
    ['logger', { ...right, logger: {} }],
    ['rateLimiter', { ...right, rateLimiter: {} }],
    ['waitUntil', { ...right, waitUntil: true }],
    ['service', { appOrigin, service: {}, cookieName: 'sid' }],
    ['cookieName', { appOrigin, service: { beat: right.refresh } }],
    ['readableCookie', { appOrigin, service: { beat: right.refresh }, cookieName: 'sid', readableCookie: 7 }],
  ])('that are wrong are refused with a TypeError that names %s', async (option, options) => {
    const wrong: HeartbeatOptions = Object.assign(JSON.parse('{}'), options);
    await expect(handleHeartbeat(post(), wrong)).rejects.toThrow(new RegExp(`^stillhere: option "${option}" takes `));
    await expect(handleHeartbeat(post(), wrong)).rejects.toThrow(TypeError);
  });

  it('may end the origin with a slash', async () => {
    const request = post({ 'X-Stillhere': '1', Origin: appOrigin });
    expect((await handleHeartbeat(request, { ...right, appOrigin: `${appOrigin}/` })).status).toBe(401);
  });
});
