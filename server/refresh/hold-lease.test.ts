import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { TestProvider, TokenFault } from '../dev-provider/provider.js';
import { storeKeyOf } from '../record/handles.js';
import { memoryStore } from '../store/memory-store.js';
import { NO_NOTES, StoreError } from '../store/store.js';
import { type Due, dueSession, oauth } from '../testing/due-session.js';
import { discoverTestIssuer, HERE, serviceAt } from '../testing/service-bench.js';
import { useProvider } from '../testing/use-provider.js';
import { newHolder } from './holder.js';

let provider: TestProvider;
useProvider((started) => {
  provider = started;
});

const due = (...how: Due) => dueSession(provider, ...how);

/**
 * A process on another machine, which takes the lease of the first generation for as long as the
 * stores allow.
 */
const elsewhere = (key: string, instead = '') => ({
  ...{ key, holder: 'elsewhere.1.1.x', leaseMs: 20_000, instead },
  intent: { generation: 1, at: 0 },
});

describe('a lease', () => {
  /**
   * A session whose lease another takes away while the provider's metadata are asked for, for
   * `stallMs`.
   */
  async function stalled(stallMs: number) {
    const store = memoryStore();
    let key = '';
    const issuer = async () => {
      if (key) {
        // As a process finds it that comes when the lease has run out.
        const owner = (await store.read(key))?.lease?.holder ?? '';
        await store.acquire({ ...elsewhere(key, owner), leaseMs: 1_200 });
        await new Promise((resolve) => setTimeout(resolve, stallMs));
      }
      return discoverTestIssuer(provider.issuer);
    };
    const timings = { leaseMs: 600, renewMs: 60_000, pollMs: 10 };
    const bench = await due('pass', undefined, { store, issuer, timings, waitTimeout: 1 });
    key = storeKeyOf(bench.cookie);
    return bench;
  }

  it('that was lost in a stall sends nothing: its new holder does', async () => {
    const { beat, calls } = await stalled(250);
    expect(await beat()).toMatchObject({ kind: 'later', reason: 'busy' });
    expect(calls()).toBe(0);
  });

  it('that ran out while the machine was asleep sends nothing either: no timer of this process saw that', async () => {
    let clock = Date.now;
    const store = memoryStore({ now: () => clock() });
    let asleep = () => {};
    const issuer = async () => {
      asleep();
      return discoverTestIssuer(provider.issuer);
    };
    const { beat, calls, cookie, options, pass } = await due('pass', undefined, { store, issuer, waitTimeout: 1 });
    clock = options.now ?? Date.now;
    const key = storeKeyOf(cookie);
    let taker = '';
    asleep = () => {
      pass(60);
      // As another process of this machine finds it when it wakes up.
      void store.acquire(elsewhere(key)).then(({ owner }) => {
        taker = owner;
      });
    };
    expect(await beat()).toMatchObject({ kind: 'later', reason: 'busy' });
    expect(taker).toBe('elsewhere.1.1.x');
    expect(calls()).toBe(0);
  });

  it('is renewed for as long as the provider takes, so that nobody else takes it', async () => {
    const store = memoryStore();
    const timings = { leaseMs: 5_000, renewMs: 50, replayPausesMs: [] };
    let letThrough = () => {};
    const hold = new Promise<void>((resolve) => (letThrough = resolve));
    const { beat, calls, cookie } = await due({ hold }, 1, { store, timings });
    const answer = beat();
    await expect.poll(calls).toBe(1);
    const key = storeKeyOf(cookie);
    const end = async () => Date.now() + ((await store.read(key))?.lease?.leftMs ?? 0);
    const first = await end();
    await expect.poll(end, { timeout: 10_000 }).toBeGreaterThan(first + 200);
    expect((await store.acquire(elsewhere(key))).owner).not.toContain('elsewhere');
    letThrough();
    expect(await answer).toMatchObject({ kind: 'alive', body: { refreshed: true } });
    expect((await store.read(key))?.lease).toBeNull();
  });

  it('of a process that dies while others wait for it is free at once', async () => {
    const holder = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await once(holder, 'spawn');
    const store = memoryStore();
    const { beat, calls, cookie, options } = await due('pass', undefined, { store });
    const name = newHolder(holder.pid);
    await store.acquire({ ...elsewhere(storeKeyOf(cookie)), holder: name });
    let reads = 0;
    const { read } = options.store;
    options.store.read = async (key) => {
      reads += 1;
      return read(key);
    };
    const answer = beat();
    await expect.poll(() => reads, { timeout: 10_000 }).toBeGreaterThan(5);
    expect(calls()).toBe(0);
    holder.kill('SIGKILL');
    expect(await answer).toMatchObject({ kind: 'alive', body: { refreshed: true } });
  });

  it('that the store gave without an answer hinders no other process for longer than it runs', async () => {
    const store = memoryStore();
    const { acquire } = store;
    const timings = { leaseMs: 300, renewMs: 100, pollMs: 10 };
    const { beat, cookie, options } = await due('pass', undefined, { store, timings });
    store.acquire = async (input) => {
      await acquire(input);
      store.acquire = acquire;
      throw new StoreError('The session store failed', 'timeout');
    };
    expect(await beat()).toMatchObject({ kind: 'later', reason: 'store_unavailable' });
    const other = serviceAt(provider, options);
    await expect
      .poll(() => other.service.beat(cookie, HERE))
      .toMatchObject({ kind: 'alive', body: { refreshed: true } });
  });

  it('whose intent was noted before the clock was set back hinders nobody for as long as it was set back', async () => {
    const store = memoryStore();
    const { beat, cookie, options } = await due('pass', undefined, { store });
    const at = (options.now ?? Date.now)() + 7_200_000;
    // Another service of this process: a holder that runs.
    const marker = { generation: 1, attempt: 1, holder: newHolder(), at };
    await store.note(storeKeyOf(cookie), 1, { ...NO_NOTES, attempt: 1, marker });
    expect(await beat()).toMatchObject({ kind: 'alive', body: { refreshed: true } });
  });

  it('that could not be given back, with no token sent, hinders no other process either', async () => {
    const store = memoryStore();
    const { release } = store;
    const timings = { leaseMs: 300, renewMs: 100, pollMs: 10 };
    let isKnown = true;
    const issuer = async () => {
      if (!isKnown) throw new TypeError('no such provider');
      return discoverTestIssuer(provider.issuer);
    };
    const { beat, cookie, options } = await due('pass', undefined, { store, issuer, timings });
    isKnown = false;
    store.release = async () => {
      store.release = release;
      throw new StoreError('The session store failed', 'timeout');
    };
    expect(await beat()).toMatchObject({ kind: 'later' });
    isKnown = true;
    const other = serviceAt(provider, options);
    await expect
      .poll(() => other.service.beat(cookie, HERE))
      .toMatchObject({ kind: 'alive', body: { refreshed: true } });
  });

  it('of another machine is waited for until it runs out, and no longer', async () => {
    const store = memoryStore();
    const { beat, calls, cookie } = await due('pass', undefined, { store });
    const key = storeKeyOf(cookie);
    await store.acquire({ ...elsewhere(key), leaseMs: 600 });
    const answer = beat();
    while (((await store.read(key))?.lease?.leftMs ?? 0) > 200) {
      expect(calls()).toBe(0);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(await answer).toMatchObject({ kind: 'alive', body: { refreshed: true } });
  });

  it('is kept over the pause before a replay, but the slot is not: sixteen that wait keep no other session waiting', async () => {
    const timings = { replayPausesMs: [60_000], renewMs: 500 };
    const { service, open, pass } = serviceAt(provider, { timings, waitTimeout: 5 });
    const cookies: string[] = [];
    for (let n = 0; n < 17; n += 1) cookies.push((await open()).cookie);
    const last = cookies.pop() ?? '';
    pass(43);
    provider.fault({ status: 500 }, 16);
    const before = provider.calls().refresh;
    const waiting = cookies.map((cookie) => service.beat(cookie, HERE));
    await expect.poll(() => provider.calls().refresh, { timeout: 10_000 }).toBe(before + 16);
    expect(await service.beat(last, HERE)).toMatchObject({ kind: 'alive', body: { refreshed: true } });
    // A stop cuts the pauses short; the old tokens and their markers stay.
    await service.close();
    expect((await Promise.all(waiting)).every(({ kind }) => kind === 'later')).toBe(true);
  });

  it('is not even asked for where all who waited for a slot have gone', async () => {
    const { service, open, pass } = serviceAt(provider, { waitTimeout: 0.2 });
    const cookies: string[] = [];
    for (let n = 0; n < 18; n += 1) cookies.push((await open()).cookie);
    const [last = '', gone = ''] = [cookies.pop(), cookies.pop()];
    pass(43);
    let letThrough = () => {};
    provider.fault({ hold: new Promise<void>((resolve) => (letThrough = resolve)) }, 16);
    const before = provider.calls().refresh;
    for (const cookie of cookies) void service.beat(cookie, HERE);
    await expect.poll(() => provider.calls().refresh, { timeout: 10_000 }).toBe(before + 16);
    expect(await service.beat(gone, HERE)).toMatchObject({ kind: 'later', reason: 'busy' });
    letThrough();
    // Behind the one that was given up in the queue for slots, or free of it: answered either way.
    await expect.poll(async () => (await service.beat(last, HERE)).kind, { timeout: 10_000 }).toBe('alive');
    expect(provider.calls().refresh).toBe(before + 17);
    await service.close();
  });

  it('is given back whatever the answer was', async () => {
    const faults: TokenFault[] = [oauth('something_new'), { status: 429 }, { status: 400 }, { status: 500 }];
    for (const fault of faults) {
      const { beat, options, cookie } = await due(fault);
      expect(await beat()).toMatchObject({ kind: 'later' });
      expect((await options.store.read(storeKeyOf(cookie)))?.lease).toBeNull();
    }
  });

  it('of another process is waited for by reading, and its failure is shared', async () => {
    const store = memoryStore();
    const { beat, calls, cookie, options } = await due('pass', undefined, { store });
    const key = storeKeyOf(cookie);
    await store.acquire(elsewhere(key));
    const acquired: unknown[] = [];
    const { acquire } = options.store;
    options.store.acquire = async (input) => {
      acquired.push(input);
      return acquire(input);
    };
    let reads = 0;
    const { read } = options.store;
    options.store.read = async (name) => {
      reads += 1;
      return read(name);
    };
    const answer = beat();
    await expect.poll(() => reads, { timeout: 10_000 }).toBeGreaterThan(5);
    expect(acquired).toHaveLength(1);
    await store.note(key, 1, {
      ...NO_NOTES,
      attempt: 1,
      failure: { attempt: 1, reason: 'provider_error', retryAfter: 9 },
    });
    expect(await answer).toMatchObject({ kind: 'later', reason: 'provider_error' });
    expect(calls()).toBe(0);
  });
});
