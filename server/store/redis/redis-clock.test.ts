import { afterEach, describe, expect, it, vi } from 'vitest';
import { recordLog } from '../../testing/log-recorder.js';
import { startRedis, type TestRedis } from '../../testing/processes/redis-server.js';
import { redisStoreAt } from '../../testing/processes/redis-store-at.js';
import { NO_NOTES } from '../store.js';
import { createRedisClock } from './redis-clock.js';
import { connectRedis } from './redis-connection.js';

describe('the clock of Redis', () => {
  const AT = 1_700_000_000_000;

  it('counts from a second on, and a wrong clock is told once until it is right again', () => {
    const log = recordLog();
    const clock = createRedisClock(log);
    clock.measure(AT + 900, AT, AT);
    expect(clock.aheadMs()).toBe(0);
    clock.measure(AT + 15_000, AT, AT + 20);
    expect(clock.aheadMs()).toBe(14_990);
    clock.measure(AT + 15_100, AT + 100, AT + 120);
    expect(log.lines).toMatchObject([{ level: 'warn', facts: { aheadSeconds: 15 } }]);
    clock.measure(AT + 200, AT + 200, AT + 210);
    expect(clock.aheadMs()).toBe(0);
    clock.measure(AT - 20_000, AT, AT);
    expect(log.lines).toHaveLength(2);
  });

  it('is not judged by an answer that was long under way', () => {
    const log = recordLog();
    const clock = createRedisClock(log);
    // Read at the very end of ten seconds.
    clock.measure(AT + 10_000, AT, AT + 10_000);
    expect(clock.aheadMs()).toBe(0);
    clock.measure(AT + 10_001, AT + 10_000, AT + 10_002);
    clock.measure(AT + 14_000, AT + 11_000, AT + 14_000);
    expect(clock.aheadMs()).toBe(0);
    expect(log.lines).toEqual([]);
  });
});

describe('instants in Redis', () => {
  let redis: TestRedis;
  afterEach(() => redis.close());

  it('are read by a host whose clock is ahead as by its own clock, and are written for all', async () => {
    redis = await startRedis();
    const now = Date.now;
    const right = await redisStoreAt(redis.url, 'a:');
    const at = now();
    const facts = {
      ...{ sessionId: 's', user: 'u', createdAt: at, absoluteEndAt: at + 60_000, grantedAt: at, accessExpiresAt: null },
      ...{ accessLife: null, refreshIdle: null, refreshEndAt: at + 30_000, hasRefreshToken: true },
    };
    const session = { key: 'a', facts, lastActiveAt: at, sidKey: null, sealed: 'x', purgeAt: at + 60_000 };
    await right.create(session);

    vi.spyOn(Date, 'now').mockImplementation(() => now() + 15_000);
    const wrong = await redisStoreAt(redis.url, 'a:');
    const seen = await wrong.read('a');
    const ahead = (seen?.lastActiveAt ?? 0) - at;
    // As exact as the way to Redis and back was short.
    expect(Math.abs(ahead - 15_000)).toBeLessThan(1_000);
    expect(seen?.facts).toMatchObject({
      createdAt: at + ahead,
      refreshEndAt: at + 30_000 + ahead,
      accessExpiresAt: null,
    });
    const intent = { generation: 1, at: at + 15_000 };
    const { record } = await wrong.acquire({ key: 'a', holder: 'wrong', leaseMs: 10_000, intent });
    expect(Math.abs((record?.lastActiveAt ?? 0) - (seen?.lastActiveAt ?? 0))).toBeLessThan(1_000);
    const refusals = { count: 1, since: at + 15_000, last: at + 15_000 };
    await wrong.note('a', 1, {
      ...(record?.notes ?? NO_NOTES),
      marker: { ...intent, attempt: 1, holder: 'wrong' },
      refusals,
    });
    await wrong.readAndTouch('a', { at: at + 20_000, step: 1, after: at + 14_000 });
    await right.create({ ...session, key: 'b' });
    await wrong.end('b', 'revoked', { replacedAt: at + 15_000 });
    expect(Math.abs(((await wrong.read('b'))?.replacedAt ?? 0) - at - 15_000)).toBeLessThan(1_000);
    expect(await wrong.endAll({ user: 'u', createdUpTo: at + 10_000 }, 'revoked')).toEqual([]);

    vi.restoreAllMocks();
    const stored = await right.read('a');
    expect(Math.abs((stored?.lastActiveAt ?? 0) - at - 5_000)).toBeLessThan(1_000);
    expect(Math.abs((stored?.notes.marker?.at ?? 0) - at)).toBeLessThan(1_000);
    const { since = 0, last = 0 } = stored?.notes.refusals ?? {};
    for (const instant of [since, last]) expect(Math.abs(instant - at)).toBeLessThan(1_000);
    expect(stored?.facts).toEqual(facts);
    expect(Math.abs(((await right.read('b'))?.replacedAt ?? 0) - at)).toBeLessThan(1_000);
    for (const store of [right, wrong]) await store.close();
  });

  it('are translated from the first command on, also if Redis was away when the host began', async () => {
    redis = await startRedis();
    const now = Date.now;
    vi.spyOn(Date, 'now').mockImplementation(() => now() + 15_000);
    await redis.stop();
    const { ready, ask, clock, close } = connectRedis(redis.url, recordLog());
    await expect(ready).rejects.toMatchObject({ code: 'store_unavailable' });
    await redis.restart();
    await expect.poll(() => ask((client) => client.ping()).catch(() => null)).toBe('PONG');
    expect(Math.abs(clock.aheadMs() + 15_000)).toBeLessThan(1_000);
    await close();
  });
});
