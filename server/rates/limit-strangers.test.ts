import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { createKeepaliveApp } from '../app.js';
import { handleOwnHeartbeat } from '../heartbeat/create-heartbeat.js';
import { ORIGIN, OURS } from '../testing/app/app-under-test.js';
import { appOrigin, post } from '../testing/app/beat-request.js';
import { type RawAnswer, type ServedApp, serveApp } from '../testing/app/served-app.js';
import { recordLog } from '../testing/log-recorder.js';
import { createStrangerLimit } from './limit-strangers.js';

/** So many requests of one visitor reach the application in a minute, and one more each 200 ms. */
const AT_ONCE = 300;
const MORE_A_SECOND = 5;
const session = 'sid=0123456789abcdef-of-ada';

/**
 * An application with sessions of its own, behind a proxy on this host; `asked` counts how often it
 * was asked whose session it is.
 */
async function serveOwn(trustedProxies: string[]) {
  const asked: string[] = [];
  const sessions = new Set([session]);
  const log = recordLog();
  const keepalive = createKeepaliveApp({
    appOrigin: ORIGIN,
    trustedProxies,
    logger: log,
    rateLimit: 100_000,
    identify: ({ headers }) => {
      const cookie = headers.get('cookie') ?? '';
      asked.push(cookie);
      if (cookie === 'down') throw new Error('down');
      return sessions.has(cookie.split('; ')[0] ?? '') ? { key: cookie } : null;
    },
    refresh: () => ({ kind: 'alive', idleExpiresIn: 60 }),
  });
  const served = await serveApp(new Hono().route('/auth', keepalive));
  const beat = async (from: string, headers: Record<string, string> = {}) => {
    const sent = { ...OURS, 'X-Forwarded-For': from, ...headers };
    return served.ask('/auth/heartbeat', { method: 'POST', headers: sent });
  };
  return { asked, sessions, log, served, beat };
}

/**
 * A thousand beats, twenty at a time; the statuses, counted, and the most that may have passed
 * meanwhile.
 */
async function flood(beat: (n: number) => ReturnType<ServedApp['ask']>) {
  const startedAt = performance.now();
  const statuses: Record<number, number> = {};
  let refused: RawAnswer | null = null;
  for (let n = 0; n < 1_000; n += 20) {
    for (const answer of await Promise.all(Array.from({ length: 20 }, (_, m) => beat(n + m)))) {
      statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
      if (answer.status === 429) refused = answer;
    }
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  return { statuses, refused, mostPassed: AT_ONCE + 1 + MORE_A_SECOND * seconds };
}

describe('beats without a session, over a socket', () => {
  it('are limited by the address that a trusted proxy names, whatever cookies they make up', async () => {
    const { asked, beat, served } = await serveOwn(['127.0.0.1']);
    const withSession = { Cookie: `${session}; theme=dark` };
    expect((await beat('203.0.113.9', withSession)).status).toBe(200);
    asked.length = 0;
    const { statuses, refused, mostPassed } = await flood((n) =>
      beat(`203.0.113.9:${1_000 + n}`, { Cookie: `sid=${n}` }),
    );
    expect(statuses[401]).toBe(asked.length);
    expect(asked.length).toBeGreaterThanOrEqual(AT_ONCE);
    expect(asked.length).toBeLessThanOrEqual(mostPassed);
    expect(JSON.parse(refused?.body ?? '')).toMatchObject({ reason: 'rate_limited' });
    expect(Number(refused?.headers['retry-after'])).toBeGreaterThan(0);
    // The user behind the same address, other cookies changed, and a visitor from elsewhere.
    for (let n = 0; n < 20; n += 1)
      expect((await beat('203.0.113.9', { Cookie: `${session}; theme=${n}` })).status).toBe(200);
    expect((await beat('203.0.113.10')).status).toBe(401);
    await served.close();
  });

  it('are limited for each client that loops, where no address is known', async () => {
    const { asked, beat, served } = await serveOwn([]);
    const { mostPassed } = await flood(() => beat('203.0.113.9', { 'User-Agent': 'a page that loops' }));
    expect(asked.length).toBeGreaterThanOrEqual(AT_ONCE);
    expect(asked.length).toBeLessThanOrEqual(mostPassed);
    // Nothing is shared: neither a user nor another visitor is refused.
    expect((await beat('203.0.113.9', { Cookie: session })).status).toBe(200);
    expect((await beat('203.0.113.9', { 'User-Agent': 'another' })).status).toBe(401);
    await served.close();
  });

  it('of users with a session are never counted, nor those that the application could not judge', async () => {
    const { sessions, beat, served } = await serveOwn(['127.0.0.1']);
    const newUser = (n: number) => {
      const cookie = `sid=0123456789abcdef-of-user-${n}`;
      sessions.add(cookie);
      return beat('203.0.113.9', { Cookie: cookie });
    };
    expect((await flood(newUser)).statuses).toEqual({ 200: 1_000 });
    expect((await flood(() => beat('203.0.113.9', { Cookie: 'down' }))).statuses).toEqual({ 503: 1_000 });
    expect((await beat('203.0.113.9')).status).toBe(401);
    await served.close();
  });
});

describe('the option clientAddress', () => {
  const options = { appOrigin, identify: () => null, refresh: () => ({ kind: 'alive' as const }) };

  it('names the visitor where there is no server of ours', async () => {
    let asked = 0;
    const own = {
      ...options,
      identify: () => {
        asked += 1;
        return null;
      },
      clientAddress: ({ headers }: Request) => headers.get('x-real-ip'),
    };
    const beat = (n: number) =>
      handleOwnHeartbeat(post({ ...OURS, 'X-Real-IP': '198.51.100.7', Cookie: `sid=${n}` }), own);
    const statuses = await Promise.all(Array.from({ length: 1_000 }, (_, n) => beat(n).then(({ status }) => status)));
    expect(statuses.filter((status) => status === 401)).toHaveLength(asked);
    expect(asked).toBeLessThan(1_000);
  });

  it('that fails is told, and costs nobody the session', async () => {
    const logger = recordLog();
    const fails = () => {
      throw new Error('no address');
    };
    const response = await handleOwnHeartbeat(post(), { ...options, logger, clientAddress: fails });
    expect(response.status).toBe(401);
    expect(logger.text()).toContain('the callback \\"clientAddress\\" failed');
  });

  it('takes a function', async () => {
    const wrong: object = { clientAddress: '203.0.113.9' };
    await expect(handleOwnHeartbeat(post(), { ...options, ...wrong })).rejects.toThrow(
      'stillhere: option "clientAddress" takes a function',
    );
  });
});

describe('the limit', () => {
  it('lets one more through as time passes', async () => {
    let at = 0;
    const limit = createStrangerLimit({ perMinute: 60, now: () => at });
    const ask = async () => {
      const stranger = await limit.begin(post(), 'a');
      if (stranger.wait === 0) await stranger.end(false);
      return stranger.wait;
    };
    for (let n = 0; n < 60; n += 1) expect(await ask()).toBe(0);
    expect(await ask()).toBe(1);
    at += 1_000;
    expect(await ask()).toBe(0);
    expect(await ask()).toBe(1);
  });

  it('knows the cookie of a session until that has ended, whatever stands beside it', async () => {
    const limit = createStrangerLimit({ perMinute: 1, now: () => 0 });
    const ask = async (cookie: string, hasSession: boolean) => {
      const stranger = await limit.begin(post({ ...OURS, Cookie: cookie }), 'a');
      if (stranger.wait === 0) await stranger.end(hasSession);
      return stranger.wait === 0;
    };
    expect(await ask(`${session}; theme=dark`, true)).toBe(true);
    expect(await ask('sid=fedcba9876543210-of-nobody', false)).toBe(true);
    expect(await ask('sid=fedcba9876543210-of-nobody', false)).toBe(false);
    expect(await ask('theme=dark', false)).toBe(false);
    for (let n = 0; n < 10; n += 1) expect(await ask(`seen=${n}; ${session}`, true)).toBe(true);
    expect(await ask(session, false)).toBe(true);
    expect(await ask(session, false)).toBe(false);
  });
});
