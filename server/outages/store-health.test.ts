import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { TestProvider } from '../dev-provider/provider.js';
import { aroundStore } from '../store/around-store.js';
import { memoryStore } from '../store/memory-store.js';
import type { SessionStore } from '../store/store.js';
import { type Breakable, hangingRedis, killedRedis, lockedFile } from '../testing/breakable-store.js';
import { recordLog } from '../testing/log-recorder.js';
import { HERE, serviceAt } from '../testing/service-bench.js';
import { useProvider } from '../testing/use-provider.js';
import { createStoreHealth } from './store-health.js';

let provider: TestProvider;
useProvider((started) => {
  provider = started;
});

async function failingMemory(): Promise<Breakable> {
  const memory = memoryStore();
  let broken = false;
  const store = new Proxy(memory, {
    get: (target, name, receiver) =>
      broken ? () => Promise.reject(new Error('disk full')) : Reflect.get(target, name, receiver),
  });
  return {
    store,
    async breakDown() {
      broken = true;
    },
    async mend() {
      broken = false;
    },
    cleanUp: () => undefined,
  };
}

describe.each([
  ['a Redis that hangs', () => hangingRedis(2_000)],
  ['a Redis that is killed', killedRedis],
  ['a SQLite file that another process keeps locked', lockedFile],
  ['a store in memory that throws', failingMemory],
] as const)('%s', (_name, make) => {
  it('is one error line for its outage and one line for the end, however many requests fail', async () => {
    const { store, breakDown, mend, cleanUp } = await make();
    const { service, log, open, pass } = serviceAt(provider, { store, refreshTokenIdle: 600 });
    const { cookie } = await open();
    pass(2);
    await breakDown();
    const answers = await Promise.all(Array.from({ length: 50 }, () => service.beat(cookie, HERE)));
    expect(answers.map((answer) => 'reason' in answer && answer.reason)).toEqual(Array(50).fill('store_unavailable'));
    await mend();
    const told = () => log.lines.filter(({ level }) => level === 'error' || level === 'warn');
    await expect.poll(() => told().length).toBe(2);
    expect(told()).toMatchObject([
      { level: 'error', message: 'the session store failed', facts: { code: 'store_unavailable' } },
      { level: 'warn', message: 'the session store answers again' },
    ]);
    // On a busy machine a request may be late before its call has failed: then both count.
    expect(JSON.stringify(told()[1])).toMatch(/"failures":([5-9]\d|100)\b/);
    await expect.poll(async () => (await service.peek(cookie)).kind).toBe('alive');
    await service.close();
    expect(told()).toHaveLength(2);
    await cleanUp();
  });
});

describe('a store that is slow in each call', () => {
  /** A store whose calls take so long each. */
  const slow = (ms: number): SessionStore =>
    aroundStore(memoryStore(), async (work) => {
      await sleep(ms);
      return work();
    });

  it('has one deadline for the whole answer: calls do not add up', async () => {
    const { service, log, options } = serviceAt(provider, { storeTimeout: 0.3, refreshTokenIdle: 600 });
    const { tokens, identity } = await provider.signIn();
    const { store } = options;
    let calls = 0;
    // Each call alone is in time; a login is six of them.
    Object.assign(
      store,
      aroundStore({ ...store }, async (work) => {
        calls += 1;
        await sleep(100);
        return work();
      }),
    );
    await expect(service.create({ tokens, identity })).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(calls).toBeLessThan(6);
    const told = () => log.lines.filter(({ level }) => level === 'error' || level === 'warn');
    await expect
      .poll(() => told().map(({ message }) => message))
      .toEqual(['the session store failed', 'the session store answers again']);
    await service.close();
  });

  it('keeps no session of a login that was answered with an error', async () => {
    const store = slow(60);
    const { service } = serviceAt(provider, { store, storeTimeout: 0.2 });
    let made = '';
    const { create } = store;
    store.create = (input) => {
      made = input.key;
      return create(input);
    };
    await expect(service.create(await provider.signIn())).rejects.toMatchObject({ code: 'store_unavailable' });
    await service.close();
    expect(made).not.toBe('');
    expect((await store.read(made))?.ended).toBe('revoked');
  });

  it('is closed after the session of such a login has ended, also if the service was told to close before', async () => {
    const calls: string[] = [];
    let letThrough = () => {};
    const held = new Promise<void>((resolve) => (letThrough = resolve));
    const memory = memoryStore();
    const store: SessionStore = {
      ...memory,
      async create(input) {
        await held;
        return memory.create(input);
      },
      async end(...args) {
        const ended = await memory.end(...args);
        await nextTurn();
        calls.push('end');
        return ended;
      },
      async close() {
        calls.push('close');
      },
    };
    const { service } = serviceAt(provider, { store, storeTimeout: 0.2 });
    const creating = service.create(await provider.signIn());
    const closing = service.close();
    await expect(creating).rejects.toMatchObject({ code: 'store_unavailable' });
    letThrough();
    await closing;
    expect(calls).toEqual(['end', 'close']);
  });

  it('answers a beat whose grant is stored late as busy, and stores the grant', async () => {
    const store = slow(150);
    const bench = serviceAt(provider, { store, waitTimeout: 0.2 });
    const { cookie } = await bench.open();
    bench.pass(43);
    expect(await bench.service.beat(cookie, HERE)).toMatchObject({ kind: 'later', reason: 'busy' });
    await expect
      .poll(() => bench.service.beat(cookie, HERE))
      .toMatchObject({ kind: 'alive', body: { refreshed: false } });
    await bench.service.close();
  });
});

describe('a store that leaves calls without an answer', () => {
  it('is back when it answers again, and holds up no end of the service', async () => {
    let isSilent = false;
    let unanswered = 0;
    const store = aroundStore(memoryStore(), (work) => {
      if (!isSilent) return work();
      unanswered += 1;
      return new Promise(() => {});
    });
    const { service, log, open } = serviceAt(provider, { store, storeTimeout: 0.2, refreshTokenIdle: 600 });
    const { cookie } = await open();
    isSilent = true;
    expect(await service.beat(cookie, HERE)).toMatchObject({ kind: 'later', reason: 'store_unavailable' });
    // The beat, and the probe that looks if the store is back.
    await expect.poll(() => unanswered).toBe(2);
    isSilent = false;
    const told = () => log.lines.filter(({ level }) => level === 'error' || level === 'warn');
    await expect
      .poll(() => told().map(({ message }) => message))
      .toEqual(['the session store failed', 'the session store answers again']);
    expect(await service.beat(cookie, HERE)).toMatchObject({ kind: 'alive' });
    await service.close();
    expect(told()).toHaveLength(2);
  });

  it('is not away again because a call fails that began before its end', async () => {
    const log = recordLog();
    let isBroken = true;
    let cutOff = (_error: Error) => {};
    const memory = memoryStore();
    const store: SessionStore = {
      ...memory,
      read: () => new Promise((_, reject) => (cutOff = reject)),
      recall: async (...args) => (isBroken ? Promise.reject(new Error('away')) : memory.recall(...args)),
    };
    const health = createStoreHealth({ store, now: Date.now, logger: log, callMs: 60_000 });
    const early = health.store.read('a');
    await expect(health.store.recall('b', 0)).rejects.toMatchObject({ code: 'store_unavailable' });
    isBroken = false;
    await expect.poll(() => health.awaySince()).toBeNull();
    cutOff(new Error('cut off'));
    await expect(early).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(health.awaySince()).toBeNull();
    health.stop();
  });
});
