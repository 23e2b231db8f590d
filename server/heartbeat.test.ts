import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HeartbeatOptions, handleHeartbeat } from './heartbeat.js';
import type { OwnSessions, OwnVerdict } from './identify.js';
import type { SessionService, Verdict } from './session/types.js';
import { recordLog } from './testing/log-recorder.js';
import { startProvider, type TestProvider } from './testing/provider.js';
import { serviceAt } from './testing/service-bench.js';

const appOrigin = 'https://app.example';
const OURS = { 'X-Stillhere': '1', 'Sec-Fetch-Site': 'same-origin' };
const JSON_TYPE = { 'Content-Type': 'application/json' };

function post(headers: Record<string, string> = OURS, body?: string): Request {
  const init = { method: 'POST', headers };
  return new Request(`${appOrigin}/auth/heartbeat`, body === undefined ? init : { ...init, body });
}

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
    ['with the Origin null', post({ 'X-Stillhere': '1', Origin: 'null' }), 403, 'cross_origin'],
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

let keys = 0;
function own(refresh: OwnSessions['refresh'], more: Partial<OwnSessions> = {}) {
  const logger = recordLog();
  const key = `own-${++keys}`;
  const options = { appOrigin, logger, refresh, identify: () => ({ key, sessionId: 'p', user: 'u' }), ...more };
  return { logger, beat: (request = post()) => handleHeartbeat(request, options) };
}

describe("a beat for a session of the application's own", () => {
  it('is refreshed once for all who ask at once, and all get its headers', async () => {
    let calls = 0;
    let finish = (_verdict: OwnVerdict) => {};
    const { beat } = own(() => {
      calls += 1;
      return new Promise((resolve) => (finish = resolve));
    });
    const answers = Array.from({ length: 30 }, () => beat());
    await expect.poll(() => calls).toBe(1);
    finish({ kind: 'alive', idleExpiresIn: 60, headers: { 'Set-Cookie': 'own=2', 'Content-Type': 'text/html' } });
    for (const response of await Promise.all(answers)) {
      expect(response.status).toBe(200);
      expect(response.headers.getSetCookie()).toEqual(['own=2']);
      expect(response.headers.get('content-type')).toBe('application/json');
      expect(await response.json()).toMatchObject({ idleExpiresIn: 60, sessionId: 'p', user: 'u', refreshed: true });
    }
    expect(calls).toBe(1);
  });

  it('never lets a question that must not slide the session stand in for a user', async () => {
    const seen: string[] = [];
    let finish = () => {};
    const gate = new Promise<void>((resolve) => (finish = resolve));
    const { beat } = own(async (_request, { activity }) => {
      seen.push(activity);
      await gate;
      return { kind: 'alive' };
    });
    const ask = () => beat(post({ ...OURS, ...JSON_TYPE }, '{"v":1,"activity":"none","idleMs":0}'));
    const question = ask();
    await expect.poll(() => seen).toEqual(['none']);
    const answers = [question, beat(), ask()];
    finish();
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(seen).toEqual(['none', 'user']);
  });

  it('hands the callbacks a copy of the request without its body', async () => {
    const bodies: unknown[] = [];
    const refresh: OwnSessions['refresh'] = (request, { idleMs, signal }) => {
      bodies.push(request.body, request.headers.get('cookie'), idleMs, signal.aborted);
      return { kind: 'alive' };
    };
    const { beat } = own(refresh);
    await beat(post({ ...OURS, ...JSON_TYPE, Cookie: 'own=1' }, '{"v":1,"activity":"user","idleMs":7}'));
    expect(bodies).toEqual([null, 'own=1', 7, false]);
  });

  it.each([
    [{ kind: 'over', reason: 'revoked', headers: { 'Set-Cookie': 'own=; Max-Age=0' } } as const, 401, 'revoked'],
    [{ kind: 'later', reason: 'provider_unreachable', retryAfter: 9 } as const, 503, 'provider_unreachable'],
    [{ kind: 'later', reason: 'rate_limited' } as const, 429, 'rate_limited'],
  ])('is answered as the application says: %j', async (verdict, status, reason) => {
    const response = await own(() => verdict).beat();
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ reason, sessionId: 'p', user: 'u' });
  });

  it('is 401 no_session where the application knows none', async () => {
    const response = await own(() => ({ kind: 'alive' }), { identify: () => null }).beat();
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ reason: 'no_session' });
  });

  it('is 503 where a callback throws, which is logged without what it said', async () => {
    const boom = () => {
      throw new Error('password hunter2');
    };
    for (const { beat, logger } of [own(boom), own(() => ({ kind: 'alive' }), { identify: boom })]) {
      const response = await beat();
      expect(response.status).toBe(503);
      expect(await response.text()).not.toContain('hunter2');
      expect(logger.lines).toHaveLength(1);
      expect(logger.text()).not.toContain('hunter2');
      expect((await beat()).status).toBe(503);
    }
  });

  it.each<[string, unknown, object]>([
    ['a lifetime that is no number', { kind: 'alive', accessTokenExpiresIn: 'soon' }, { accessTokenExpiresIn: null }],
    ['a lifetime of NaN', { kind: 'alive', accessTokenExpiresIn: Number.NaN }, { accessTokenExpiresAt: null }],
    ['a lifetime beyond all dates', { kind: 'alive', accessTokenExpiresIn: 1e18 }, { accessTokenExpiresAt: null }],
    [
      'a negative rest',
      { kind: 'alive', idleExpiresIn: -5, absoluteExpiresIn: 7 },
      { idleExpiresIn: null, absoluteExpiresIn: 7 },
    ],
  ])('takes %s for none', async (_name, verdict, body) => {
    const response = await own(() => JSON.parse(JSON.stringify(verdict))).beat();
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject(body);
  });

  it('has a Retry-After in whole seconds, whatever the application says', async () => {
    const wait = async (retryAfter: unknown) => {
      const verdict = { kind: 'later', reason: 'busy', retryAfter };
      const { beat } = own(() => Object.assign(JSON.parse('{}'), verdict));
      return Number((await beat()).headers.get('retry-after'));
    };
    expect(await wait(Number.NaN)).toBeGreaterThanOrEqual(2);
    expect(await wait('soon')).toBeGreaterThanOrEqual(2);
    expect(await wait(9.5)).toBeGreaterThanOrEqual(10);
    expect(await wait(9_000)).toBe(120);
  });

  it('is 503 where the headers cannot be sent, and over all the same for a reason that we do not know', async () => {
    const broken = own(() => ({ kind: 'alive', headers: { 'Set-Cookie': 'own=a\nb' } }));
    expect((await broken.beat()).status).toBe(503);
    expect(broken.logger.lines).toHaveLength(1);
    const response = await own(() => JSON.parse('{"kind":"over","reason":"bored"}')).beat();
    expect([response.status, await response.json()]).toMatchObject([401, { reason: 'revoked' }]);
  });

  it.each<[unknown]>([[{}], [{ key: '' }], [{ key: 7 }], [{ sessionId: 's' }], ['key'], [[]]])(
    'is 503 for a session without a key (%j): two of them would share one refresh and its cookies',
    async (session) => {
      let calls = 0;
      const identify = () => JSON.parse(JSON.stringify(session));
      const { beat, logger } = own(
        () => {
          calls += 1;
          return { kind: 'alive' };
        },
        { identify },
      );
      expect((await beat()).status).toBe(503);
      expect(calls).toBe(0);
      expect(logger.text()).toContain('identify');
    },
  );

  it('has no public handle that is no text', async () => {
    const identify = () => JSON.parse('{"key":"public-handles","sessionId":{"secret":1},"user":5}');
    const response = await own(() => ({ kind: 'alive' }), { identify }).beat();
    expect(await response.json()).toMatchObject({ sessionId: null, user: null });
  });

  it('is refreshed apart from those of other sessions, and again after the flight', async () => {
    const seen: string[] = [];
    const refresh: OwnSessions['refresh'] = (request) => {
      seen.push(request.headers.get('cookie') ?? '');
      return { kind: 'alive', headers: { 'Set-Cookie': `own=${request.headers.get('cookie')}` } };
    };
    const identify = (request: Request) => ({ key: `apart-${request.headers.get('cookie')}` });
    const { beat } = own(refresh, { identify });
    const cookies = ['a', 'b', 'a'];
    const answers = await Promise.all(cookies.map((cookie) => beat(post({ ...OURS, Cookie: cookie }))));
    expect(answers.map(({ headers }) => headers.getSetCookie())).toEqual([['own=a'], ['own=b'], ['own=a']]);
    expect(seen.sort()).toEqual(['a', 'b']);
    await beat(post({ ...OURS, Cookie: 'a' }));
    expect(seen).toHaveLength(3);
  });

  it('gives every cookie of the refresh to everybody who joined', async () => {
    let finish = (_verdict: OwnVerdict) => {};
    const { beat } = own(() => new Promise((resolve) => (finish = resolve)));
    const answers = [beat(), beat()];
    const headers: [string, string][] = [
      ['Set-Cookie', 'a=1; Path=/'],
      ['Set-Cookie', 'b=2; Path=/'],
    ];
    await Promise.resolve();
    await expect
      .poll(() => {
        finish({ kind: 'over', reason: 'revoked', headers });
        return Promise.race([answers[0], null]);
      })
      .not.toBeNull();
    for (const response of await Promise.all(answers))
      expect(response.headers.getSetCookie()).toEqual(['a=1; Path=/', 'b=2; Path=/']);
  });

  it('keeps its refresh alive beyond the answer where the platform asks for it', async () => {
    const kept: Promise<unknown>[] = [];
    const options = { appOrigin, identify: () => ({ key: 'kept' }), refresh: () => ({ kind: 'alive' as const }) };
    await handleHeartbeat(post(), { ...options, waitUntil: (work) => kept.push(work) });
    expect(kept).toHaveLength(1);
    expect(await kept[0]).toMatchObject({ kind: 'alive' });
  });

  it('is 503 where a callback answers nothing that it may answer', async () => {
    const { beat, logger } = own(() => JSON.parse('{}'));
    expect((await beat()).status).toBe(503);
    expect(logger.text()).toContain('refresh');
  });

  it('is 429 after too many', async () => {
    const { beat } = own(() => ({ kind: 'alive' }));
    const statuses: number[] = [];
    for (let n = 0; n < 51; n += 1) statuses.push((await beat()).status);
    expect(statuses.slice(0, 50).every((status) => status === 200)).toBe(true);
    expect(statuses[50]).toBe(429);
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
