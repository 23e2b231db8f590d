import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startProvider, type TestProvider } from '../dev-provider/provider.js';
import { storeKeyOf } from '../record/handles.js';
import { createKeyRing } from '../record/key-ring.js';
import { prepareServers } from '../testing/processes/fork-servers.js';
import { startRedis, type TestRedis } from '../testing/processes/redis-server.js';
import { HERE, serviceAt } from '../testing/service-bench.js';
import { openShared, type SharedStore } from '../testing/shared-store.js';

const keys = [randomBytes(32).toString('base64url')];
const folder = mkdtempSync(join(tmpdir(), 'stillhere-processes-'));
let provider: TestProvider;
let servers: Awaited<ReturnType<typeof prepareServers>>;
let redis: TestRedis;
let stores = 0;

beforeAll(async () => {
  [provider, servers, redis] = await Promise.all([
    startProvider({ ttl: { accessToken: 60 } }),
    prepareServers(),
    startRedis(),
  ]);
});
afterEach(() => provider.fault('pass'));
afterAll(async () => {
  await servers?.cleanUp();
  await provider?.close();
  await redis?.close();
  rmSync(folder, { recursive: true, force: true });
});

type Shared = [count: number, sessions?: number, how?: { clocksMs?: readonly number[]; waitTimeout?: number }];

/** So long that a machine which is slow by other work changes no answer. */
const PATIENT = { waitTimeout: 60 };

/** Sessions in a store that `count` server processes share, all with a token that is due. */
async function share(store: SharedStore, ...[count, sessions = 1, { clocksMs = [], waitTimeout = 8 } = {}]: Shared) {
  const parts = { store: await openShared(store), keys: createKeyRing(keys) };
  const bench = serviceAt(provider, { ...parts, storeTimeout: PATIENT.waitTimeout });
  const opened = await Promise.all(Array.from({ length: sessions }, () => bench.open()));
  await bench.service.close();
  const settings = { store, issuer: provider.issuer, keys, aheadMs: 45_000, waitTimeout };
  const processes = await Promise.all(
    Array.from({ length: count }, (_, n) => servers.forkServer(settings, clocksMs[n])),
  );
  const before = provider.calls().refresh;
  return {
    store,
    processes,
    opened,
    cookies: opened.map(({ cookie }) => cookie),
    calls: () => provider.calls().refresh - before,
  };
}

const newRedisStore = (): SharedStore => ({ url: redis.url, prefix: `${stores++}:` });

describe.each<[string, () => SharedStore]>([
  ['sqlite', () => ({ file: join(folder, `${stores++}.db`) })],
  ['redis', newRedisStore],
])('processes that share sessions in %s', (_name, newStore) => {
  const shared = (...how: Shared) => share(newStore(), ...how);

  it('makes one token call for thirty beats that arrive at three processes at once', async () => {
    const { processes, cookies, calls } = await shared(3, 1, PATIENT);
    const ten = Array(10).fill(cookies[0]);
    const answers = await Promise.all(processes.map((process) => process.beat(ten)));
    expect(answers.flatMap(({ verdicts }) => verdicts.map(({ kind }) => kind))).toEqual(Array(30).fill('alive'));
    expect(calls()).toBe(1);
  }, 120_000);

  it('makes one token call for each of forty sessions that beat at three processes at once, and logs no secret', async () => {
    const { processes, cookies, opened, calls } = await shared(3, 40, PATIENT);
    const answers = await Promise.all(processes.map((process) => process.beat(cookies)));
    expect(answers.flatMap(({ verdicts }) => verdicts).every(({ kind }) => kind === 'alive')).toBe(true);
    expect(calls()).toBe(40);
    for (const { tokens, cookie } of opened) {
      for (const { log } of answers) {
        expect(log).not.toContain(cookie);
        expect(log).not.toContain(tokens.accessToken);
        expect(log).not.toContain(tokens.refreshToken);
      }
    }
  }, 120_000);

  it('makes a hundred token calls for a hundred sessions that beat four times each at three processes at once, and answers', async () => {
    const { processes, cookies, calls } = await shared(3, 100, PATIENT);
    const [first] = processes;
    if (!first) throw new Error('three processes were asked for');
    const asked = [...processes.map((process) => process.beat(cookies)), first.beat(cookies)];
    const kinds = (await Promise.all(asked)).flatMap(({ verdicts }) => verdicts.map(({ kind }) => kind));
    expect(kinds).toHaveLength(400);
    expect(kinds.filter((kind) => kind === 'over')).toEqual([]);
    expect(kinds.filter((kind) => kind === 'alive').length).toBeGreaterThanOrEqual(380);
    // A grant that its request did not wait for is made all the same.
    await expect.poll(calls).toBe(100);
  }, 120_000);

  it('takes over at once from a process that was killed before its request reached the provider', async () => {
    const { processes, cookies, calls } = await shared(2);
    const [doomed, other] = processes;
    if (!doomed || !other) throw new Error('two processes were asked for');
    provider.fault('hang', 1);
    void doomed.beat(cookies);
    await expect.poll(calls).toBe(1);
    const waiting = other.beat(cookies);
    await doomed.kill();
    // The lease would run for ten seconds and the request waits eight: it is the death of its
    // holder that frees it.
    expect((await waiting).verdicts).toMatchObject([{ kind: 'alive', body: { refreshed: true } }]);
    expect(calls()).toBe(2);
  });

  it('says rotation_lost where a process was killed after the provider had rotated the token', async () => {
    const { processes, cookies, calls } = await shared(2);
    const [doomed, other] = processes;
    if (!doomed || !other) throw new Error('two processes were asked for');
    const before = provider.grants();
    provider.fault('hang-after', 1);
    void doomed.beat(cookies);
    await expect.poll(() => provider.grants()).toBe(before + 1);
    await doomed.kill();
    expect((await other.beat(cookies)).verdicts).toMatchObject([{ kind: 'over', reason: 'rotation_lost' }]);
    expect((await other.beat(cookies)).verdicts).toMatchObject([{ kind: 'over', reason: 'rotation_lost' }]);
    expect(calls()).toBe(2);
  });

  it('keeps sessions over a restart and a rotation of keys, and says unreadable_cookie where a key is missing', async () => {
    const { store, cookies } = await shared(0);
    const cookie = cookies[0] ?? '';
    const fresh = randomBytes(32).toString('base64url');
    const restart = async (ring: string[]) => {
      const bench = serviceAt(provider, { store: await openShared(store), keys: createKeyRing(ring) });
      bench.pass(45);
      return bench.service;
    };
    const without = await restart([fresh]);
    expect(await without.beat(cookie, HERE)).toMatchObject({ kind: 'over', reason: 'unreadable_cookie' });
    await without.close();
    const rotated = await restart([fresh, ...keys]);
    expect(await rotated.beat(cookie, HERE)).toMatchObject({ kind: 'alive', body: { refreshed: true } });
    await rotated.close();
    const after = await restart([fresh]);
    expect(await after.access(cookie)).toMatchObject({ kind: 'access' });
    await after.close();
  });

  it('finishes and stores the grant that runs when it is closed, and begins no other', async () => {
    const store = newStore();
    const bench = serviceAt(provider, { store: await openShared(store), keys: createKeyRing(keys) });
    const [first, second] = [await bench.open(), await bench.open()];
    bench.pass(45);
    const before = provider.calls().refresh;
    let letThrough = () => {};
    provider.fault({ hold: new Promise<void>((resolve) => (letThrough = resolve)) }, 1);
    const running = bench.service.beat(first.cookie, HERE);
    await expect.poll(() => provider.calls().refresh).toBe(before + 1);
    const closed = bench.service.close();
    expect(await bench.service.beat(second.cookie, HERE)).toMatchObject({ kind: 'later', reason: 'busy' });
    letThrough();
    expect(await running).toMatchObject({ kind: 'alive' });
    await closed;
    expect(provider.calls().refresh).toBe(before + 1);
    const again = serviceAt(provider, { store: await openShared(store), keys: createKeyRing(keys) });
    again.pass(45);
    expect(await again.service.beat(first.cookie, HERE)).toMatchObject({ kind: 'alive', body: { refreshed: false } });
    await again.service.close();
  });

  it('loses no session to processes that are killed in the middle of grants, where the provider has a reuse grace', async () => {
    const KILLS = 5;
    const SESSIONS = 6;
    const graced = await startProvider({ ttl: { accessToken: 2 }, reuseGrace: 30 });
    const store = newStore();
    const bench = serviceAt(graced, { store: await openShared(store), keys: createKeyRing(keys) });
    const cookies: string[] = [];
    for (let n = 0; n < SESSIONS; n += 1) cookies.push((await bench.open()).cookie);
    await bench.service.close();

    const settings = { store, issuer: graced.issuer, keys, aheadMs: 0, waitTimeout: 8 };
    const kinds = new Set<string>();
    let done = false;
    /** A server whose sessions all beat again and again until it is killed. */
    const startPump = async () => {
      const server = await servers.forkServer(settings);
      const gone = new AbortController();
      const died = new Promise<null>((resolve) => gone.signal.addEventListener('abort', () => resolve(null)));
      const pumping = (async () => {
        while (!done && !gone.signal.aborted) {
          const answer = await Promise.race([server.beat(cookies), died]);
          for (const verdict of answer?.verdicts ?? [])
            kinds.add(verdict.kind === 'alive' ? 'alive' : `${verdict.kind} ${verdict.reason}`);
          await new Promise((resolve) => setImmediate(resolve));
        }
      })();
      return {
        pumping,
        async kill() {
          // Nobody is asked who is not there any more; what it was asked before is under way in it.
          gone.abort();
          await server.kill();
          await pumping;
        },
      };
    };

    const ends = () => [...kinds].filter((kind) => kind.startsWith('over'));

    const pumps = await Promise.all([startPump(), startPump()]);
    for (let kill = 0; kill < KILLS; kill += 1) {
      const before = graced.calls().refresh;
      while (graced.calls().refresh === before && ends().length === 0)
        await new Promise((resolve) => setImmediate(resolve));
      // A token is on its way. The moment of the kill is any from there until after the commit.
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 20));
      const victim = Math.random() < 0.5 ? 0 : 1;
      await pumps[victim]?.kill();
      pumps[victim] = await startPump();
    }
    done = true;
    await Promise.all(pumps.map(({ pumping }) => pumping));
    await Promise.all(pumps.map(({ kill }) => kill()));
    expect(ends()).toEqual([]);

    // A restart of all: every session goes on, with tokens that the provider takes.
    const last = await servers.forkServer({ ...settings, aheadMs: 5_000 });
    const { verdicts } = await last.beat(cookies);
    expect(verdicts).toMatchObject(cookies.map(() => ({ kind: 'alive', body: { refreshed: true } })));
    await graced.close();
  }, 120_000);
});

it('hosts whose clocks are a quarter of a minute apart make one token call for each round, lose nothing, and say so', async () => {
  const { processes, cookies, calls } = await share(newRedisStore(), 3, 3, {
    ...PATIENT,
    clocksMs: [-15_000, 0, 15_000],
  });
  const [slow, ...others] = processes;
  if (!slow) throw new Error('three processes were asked for');
  for (let round = 1; round <= 3; round += 1) {
    let letThrough = () => {};
    provider.fault({ hold: new Promise<void>((resolve) => (letThrough = resolve)) }, 3);
    const aheadMs = round * 60_000;
    const asked = [slow.beat(cookies, aheadMs)];
    await expect.poll(calls).toBe(3 * round);
    // By their own clocks the leases ended before they began.
    asked.push(...others.map((process) => process.beat(cookies, aheadMs)));
    await new Promise((resolve) => setTimeout(resolve, 500));
    letThrough();
    const answers = await Promise.all(asked);
    expect(answers.flatMap(({ verdicts }) => verdicts.map(({ kind }) => kind))).toEqual(Array(9).fill('alive'));
    expect(calls()).toBe(3 * round);
    // On a busy machine the way to Redis takes its time, and a measurement is as exact as it was
    // short.
    const told = answers.map(({ log }) => [
      ...log.matchAll(/"aheadSeconds":(-?[\d.]+)\},"message":"the clocks of Redis/g),
    ]);
    expect(told.map((lines) => lines.map(([, seconds]) => 5 * Math.round(Number(seconds) / 5)))).toEqual([
      [15],
      [],
      [-15],
    ]);
  }
}, 120_000);

it('a user keeps one handle in all processes when Redis is emptied, and a logout by the provider meets the sessions of each', async () => {
  const { processes, store } = await share(newRedisStore(), 3, 0);
  const signIn = () => provider.signIn('ada');
  const created = async (n: number) => {
    const { created: session } = (await processes[n]?.create(await signIn())) ?? {};
    if (!session?.ok) throw new Error('no session was created');
    return session;
  };
  const before = [await created(0), await created(1)];
  const own = new Redis(redis.url);
  await own.flushall();
  own.disconnect();
  const after = [await created(0), await created(1), await created(2)];
  expect(new Set([...before, ...after].map(({ user }) => user)).size).toBe(1);
  const { identity } = await signIn();
  const { issuer, subject } = identity;
  const times = { issuedAt: Date.now() + 45_000, expiresAt: Date.now() + 600_000, tokenId: 'one' };
  const logout = { issuer, subject, providerSessionId: null, ...times };
  expect((await processes[2]?.endByProvider(logout))?.ended).toBe(3);
  const reader = await openShared(store);
  for (const { cookie } of after) expect((await reader.read(storeKeyOf(cookie)))?.ended).toBe('revoked');
  await reader.close();
}, 120_000);
