import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { TestProvider } from '../dev-provider/provider.js';
import { storeKeyOf } from '../record/handles.js';
import { createKeyRing } from '../record/key-ring.js';
import { memoryStore } from '../store/memory-store.js';
import { StoreError } from '../store/store.js';
import { ASKING, HERE, serviceAt } from '../testing/service-bench.js';
import { useProvider } from '../testing/use-provider.js';

let provider: TestProvider;
useProvider((started) => {
  provider = started;
});

const IDLE = 1_800;
const HOUR = 3_600;
const inVain = (seconds: number) => ({ ...HERE, unansweredMs: seconds * 1_000 });
const idleTimeout = { kind: 'over', reason: 'idle_timeout' };
const alive = { kind: 'alive' };

/** A session whose user was heard just now. */
async function heard(more: Parameters<typeof serviceAt>[1] = {}) {
  const bench = serviceAt(provider, more);
  const { cookie } = await bench.open();
  const beat = (presence = HERE as Parameters<typeof bench.service.beat>[1]) => bench.service.beat(cookie, presence);
  expect(await beat()).toMatchObject(alive);
  /** Another user is heard, too often for a silence; at first after `inVainFor` seconds in vain. */
  async function busy(other: string, seconds: number, inVainFor = 0): Promise<void> {
    expect(await bench.service.beat(other, inVain(inVainFor))).toMatchObject(alive);
    for (let at = 0; at < seconds; at += 120) {
      bench.pass(Math.min(120, seconds - at));
      await bench.service.beat(other, HERE);
    }
  }
  return {
    ...bench,
    cookie,
    beat,
    busy,
    isEnded: async () => (await bench.options.store.read(storeKeyOf(cookie)))?.ended,
  };
}

describe('an outage between browsers and the server', () => {
  it('does not count as idle time for a client that asked in vain while no user was heard', async () => {
    const { beat, pass } = await heard();
    pass(600 + 2 * HOUR);
    expect(await beat(inVain(2 * HOUR))).toMatchObject({
      kind: 'alive',
      body: { idleExpiresIn: expect.closeTo(IDLE, -2) },
    });
    pass(IDLE - 60);
    expect(await beat(ASKING)).toMatchObject(alive);
  });

  it('counts what passed before and after it', async () => {
    const { beat, pass } = await heard();
    pass(1_000 + 2 * HOUR);
    expect(await beat({ ...ASKING, unansweredMs: 2 * HOUR * 1_000 })).toMatchObject({ kind: 'later' });
    pass(801);
    expect(await beat(inVain(2 * HOUR + 801))).toMatchObject(alive);
    pass(1_000 + 2 * HOUR);
    expect(await beat(inVain(2 * HOUR - 801))).toMatchObject(idleTimeout);
  });

  it('was no absence of a user whose page asked in it: what passed before that does not count either', async () => {
    const { beat, pass, open, busy } = await heard();
    const other = await open();
    pass(1_000 + 2 * HOUR);
    // Others are back. This page may wait as long, and its user may be away.
    await busy(other.cookie, IDLE - 60, 2 * HOUR);
    expect(await beat(inVain(2 * HOUR + IDLE - 60))).toMatchObject(alive);
  });

  it('is no excuse for an absence before it, or after it', async () => {
    const { beat, pass, open, service, busy } = await heard();
    const [other, late] = [await open(), await open()];
    pass(1_000 + 2 * HOUR);
    expect(await service.beat(late.cookie, inVain(2 * HOUR - IDLE))).toMatchObject(idleTimeout);
    await busy(other.cookie, IDLE + 60, 2 * HOUR);
    expect(await beat(inVain(2 * HOUR + IDLE + 60))).toMatchObject(idleTimeout);
  });

  it('is over for all when the first is heard again', async () => {
    const { beat, pass, open, service } = await heard();
    const other = await open();
    pass(2 * HOUR);
    expect(await beat(inVain(2 * HOUR))).toMatchObject(alive);
    pass(300);
    expect(await service.beat(other.cookie, inVain(2 * HOUR + 300))).toMatchObject(alive);
    const last = await open();
    for (let minute = 0; minute < 36; minute += 4) {
      pass(240);
      await beat();
    }
    expect(await service.beat(last.cookie, inVain(2 * HOUR + 2_400))).toMatchObject(idleTimeout);
  });

  it('is not believed of a client that claims none, nor while other users were heard', async () => {
    const { beat, pass } = await heard();
    pass(IDLE + 60);
    expect(await beat()).toMatchObject(idleTimeout);
    const busy = await heard();
    const other = await busy.open();
    for (let minute = 0; minute < 60; minute += 4) {
      busy.pass(240);
      await busy.service.beat(other.cookie, HERE);
    }
    expect(await busy.beat(inVain(HOUR))).toMatchObject(idleTimeout);
  });

  it('prolongs no session beyond its absolute limit, and revives none that has ended', async () => {
    const { beat, pass } = await heard({ absoluteTimeout: 2 * HOUR });
    pass(2 * HOUR + 1);
    expect(await beat(inVain(2 * HOUR))).toMatchObject({ kind: 'over', reason: 'absolute_timeout' });
    const ended = await heard();
    ended.pass(IDLE + 60);
    expect(await ended.beat()).toMatchObject(idleTimeout);
    expect(await ended.beat(inVain(IDLE))).toMatchObject(idleTimeout);
  });

  it('lets no question and no call of the application end the session before its user is heard', async () => {
    const { beat, pass, service, cookie, isEnded } = await heard();
    pass(2 * HOUR);
    expect(await service.access(cookie)).toMatchObject(idleTimeout);
    expect(await service.peek(cookie)).toMatchObject({ kind: 'later', status: 503, reason: 'activity_unknown' });
    expect(await beat(ASKING)).toMatchObject({ kind: 'later', status: 503, reason: 'activity_unknown' });
    expect(await isEnded()).toBeNull();
    expect(await beat(inVain(2 * HOUR))).toMatchObject(alive);
  });

  it('makes no page wait that asks as the limit passes: the answer is the end', async () => {
    const { pass, service, cookie } = await heard();
    pass(IDLE + 30);
    expect(await service.peek(cookie)).toMatchObject(idleTimeout);
    expect(await service.beat(cookie, inVain(60))).toMatchObject(idleTimeout);
  });

  it('makes no question wait long after it', async () => {
    const { beat, pass, open, service } = await heard();
    const other = await open();
    pass(2 * HOUR);
    expect(await beat(inVain(2 * HOUR))).toMatchObject(alive);
    for (let minute = 0; minute < 16; minute += 4) {
      pass(240);
      await beat();
    }
    expect(await service.peek(other.cookie)).toMatchObject(idleTimeout);
  });

  it('is known to a process that began after it: the server itself was away', async () => {
    const store = memoryStore();
    const keys = createKeyRing([randomBytes(32).toString('base64url')]);
    const before = await heard({ store, keys });
    const other = await before.open();
    // No `close`, which would close the store.
    const first = serviceAt(provider, { store, keys });
    first.pass(2 * HOUR);
    expect(await first.service.beat(before.cookie, inVain(2 * HOUR))).toMatchObject(alive);
    const second = serviceAt(provider, { store, keys });
    second.pass(2 * HOUR + 60);
    expect(await second.service.beat(other.cookie, inVain(2 * HOUR + 60))).toMatchObject(alive);
  });

  it('is known to a process that could not read the notes at its start, whatever it is asked first', async () => {
    const store = memoryStore();
    const keys = createKeyRing([randomBytes(32).toString('base64url')]);
    const before = await heard({ store, keys });
    let isReached = false;
    const recall: typeof store.recall = async (...args) => {
      if (!isReached) throw new StoreError('away', 'ECONNREFUSED');
      return store.recall(...args);
    };
    const now = () => Date.now() + 2 * HOUR * 1_000;
    const { service } = serviceAt(provider, { store: { ...store, recall }, keys, now });
    // The notes are asked for before anything else.
    await new Promise((resolve) => setImmediate(resolve));
    isReached = true;
    expect(await service.peek(before.cookie)).toMatchObject({ kind: 'later', reason: 'activity_unknown' });
    expect(await before.isEnded()).toBeNull();
  });
});

describe('an outage of the store', () => {
  /** A store that can be away, and a way to be asked until it is back. */
  async function fragile() {
    const store = memoryStore();
    let away = false;
    const guarded = new Proxy(store, {
      get(target, name, receiver) {
        const method: unknown = Reflect.get(target, name, receiver);
        if (typeof method !== 'function') return method;
        return async (...args: unknown[]) => {
          if (away) throw new StoreError('away', 'ECONNREFUSED');
          return Reflect.apply(method, target, args) as unknown;
        };
      },
    });
    const bench = await heard({ store: guarded });
    return {
      ...bench,
      goAway() {
        away = true;
      },
      async comeBack() {
        away = false;
        await expect.poll(() => bench.log.text()).toContain('the session store answers again');
      },
    };
  }

  it('longer than the idle limit is no idle time, for all sessions and whatever the client claims', async () => {
    const { beat, pass, open, service, goAway, comeBack } = await fragile();
    const silent = await open();
    goAway();
    for (let minute = 0; minute < 60; minute += 4) {
      expect(await beat()).toMatchObject({ kind: 'later', reason: 'store_unavailable' });
      pass(240);
    }
    await comeBack();
    expect(await service.peek(silent.cookie)).toMatchObject({
      kind: 'alive',
      body: { idleExpiresIn: expect.closeTo(IDLE, -1) },
    });
    expect(await beat()).toMatchObject(alive);
    pass(IDLE - 60);
    expect(await service.peek(silent.cookie)).toMatchObject(alive);
    await beat();
    pass(120);
    expect(await service.peek(silent.cookie)).toMatchObject(idleTimeout);
  });

  it('was no absence of a user whose page asked in it: what passed before that does not count either', async () => {
    const { beat, pass, open, service, goAway, comeBack, busy } = await fragile();
    const [other, silent] = [await open(), await open()];
    await busy(other.cookie, 960);
    goAway();
    await service.beat(other.cookie, HERE);
    pass(2 * HOUR);
    await comeBack();
    await busy(other.cookie, IDLE - 60);
    expect(await beat(inVain(2 * HOUR + IDLE - 60))).toMatchObject(alive);
    expect(await service.beat(silent.cookie, HERE)).toMatchObject(idleTimeout);
  });

  it('keeps no session beyond its absolute limit', async () => {
    const { beat, pass, goAway, comeBack } = await fragile();
    goAway();
    await beat();
    pass(28_801);
    await comeBack();
    expect(await beat()).toMatchObject({ kind: 'over', reason: 'absolute_timeout' });
  });
});
