import { describe, expect, it, vi } from 'vitest';
import { appOrigin, JSON_TYPE, OURS, post } from '../testing/app/beat-request.js';
import { own } from '../testing/app/own-session.js';
import { recordLog } from '../testing/log-recorder.js';
import { handleHeartbeat } from './handle-heartbeat.js';
import type { OwnSessions, OwnVerdict } from './own-sessions.js';

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

  it('is never over where the browser withheld a device-bound cookie', async () => {
    const skipped = { ...OURS, 'Secure-Session-Skipped': 'server_error;session_identifier="s"' };
    for (const { beat } of [
      own(() => ({ kind: 'alive' }), { identify: () => null }),
      own(() => ({ kind: 'over', reason: 'revoked' })),
    ]) {
      expect((await beat()).status).toBe(401);
      const response = await beat(post(skipped));
      expect([response.status, await response.json()]).toMatchObject([503, { reason: 'cookie_withheld' }]);
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    }
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

  it('is 503 busy where a refresh takes longer than a request waits, and goes on for the next', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    let finish = () => {};
    let calls = 0;
    const { beat } = own(() => {
      calls += 1;
      return new Promise((resolve) => (finish = () => resolve({ kind: 'alive' })));
    });
    const first = beat();
    await vi.waitFor(() => expect(calls).toBe(1));
    await vi.advanceTimersByTimeAsync(8_000);
    const response = await first;
    expect([response.status, await response.json()]).toMatchObject([503, { reason: 'busy' }]);
    const second = beat();
    await vi.advanceTimersByTimeAsync(1);
    finish();
    expect((await second).status).toBe(200);
    expect(calls).toBe(1);
    vi.useRealTimers();
  });

  it('is 503 if the callback that names the session takes longer than a request waits', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    let calls = 0;
    const identify = () => {
      calls += 1;
      return new Promise<null>(() => {});
    };
    const { beat, logger } = own(() => ({ kind: 'alive' }), { identify });
    const answer = beat();
    await vi.waitFor(() => expect(calls).toBe(1));
    await vi.advanceTimersByTimeAsync(8_000);
    const response = await answer;
    expect([response.status, await response.json()]).toMatchObject([503, { reason: 'store_unavailable' }]);
    expect(logger.text()).toContain('TimeoutError');
    vi.useRealTimers();
  });

  it('is 503 provider_timeout where the callback settles not even when it is told to stop', async () => {
    const stopped = new AbortController();
    const patience = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(stopped.signal);
    const seen: AbortSignal[] = [];
    const { beat } = own((_request, { signal }) => {
      seen.push(signal);
      return new Promise(() => {});
    });
    const answer = beat();
    await expect.poll(() => seen.length).toBe(1);
    expect(patience).toHaveBeenCalledExactlyOnceWith(20_000);
    patience.mockRestore();
    stopped.abort();
    const response = await answer;
    expect(seen[0]?.aborted).toBe(true);
    expect([response.status, await response.json()]).toMatchObject([503, { reason: 'provider_timeout' }]);
  });

  it('is answered where the platform refuses to keep its refresh alive', async () => {
    const logger = recordLog();
    const refuse = () => {
      throw new TypeError('Illegal invocation');
    };
    const options = {
      appOrigin,
      logger,
      identify: () => ({ key: 'refused' }),
      refresh: () => ({ kind: 'alive' as const }),
    };
    expect((await handleHeartbeat(post(), { ...options, waitUntil: refuse })).status).toBe(200);
    expect(logger.text()).toContain('waitUntil');
  });

  it('may be of options that are an object of a class', async () => {
    const kept: Promise<unknown>[] = [];
    class Sessions {
      readonly appOrigin = appOrigin;
      private readonly user = 'u';
      identify() {
        return { key: 'of-a-class', user: this.user };
      }
      refresh(): OwnVerdict {
        return { kind: 'alive', idleExpiresIn: this.user.length };
      }
      waitUntil(work: Promise<unknown>) {
        kept.push(work);
      }
    }
    const response = await handleHeartbeat(post(), new Sessions());
    expect([response.status, await response.json()]).toMatchObject([200, { user: 'u', idleExpiresIn: 1 }]);
    expect(kept).toHaveLength(1);
  });

  it('is 429 after too many', async () => {
    const { beat } = own(() => ({ kind: 'alive' }));
    const statuses: number[] = [];
    for (let n = 0; n < 51; n += 1) statuses.push((await beat()).status);
    expect(statuses.slice(0, 50).every((status) => status === 200)).toBe(true);
    expect(statuses[50]).toBe(429);
  });
});
