import { expect, it } from 'vitest';
import { memoryStore } from '../store/memory-store.js';
import { meteredStore } from '../store/metered-store.js';
import { type SessionFacts, StoreError } from '../store/store.js';
import { recordLog } from '../testing/log-recorder.js';
import { guardMeter, type Meter, NO_METER } from './meter.js';

const facts: SessionFacts = {
  ...{ sessionId: 's', user: 'u', createdAt: 1_000, absoluteEndAt: 9_000, grantedAt: 1_000 },
  ...{ accessExpiresAt: null, accessLife: null, refreshIdle: null, refreshEndAt: null, hasRefreshToken: true },
};
const session = (key: string) => ({
  key,
  facts,
  lastActiveAt: 1_000,
  sidKey: 'sid',
  sealed: 'sealed',
  purgeAt: 10_000,
});

/** What a meter was told, in order. */
function recordMeter() {
  const told: unknown[][] = [];
  const tell =
    (name: string) =>
    (...args: unknown[]) =>
      void told.push([name, ...args]);
  const meter: Meter = {
    ...NO_METER,
    sessionBegun: tell('begun'),
    sessionsEnded: tell('ended'),
    storeFailed: tell('failed'),
  };
  return { meter, told };
}

it('a meter is told of the sessions that begin and end, each once', async () => {
  const { meter, told } = recordMeter();
  const store = meteredStore(memoryStore(), meter);
  await store.create(session('a'));
  await store.create(session('a'));
  await store.create(session('b'));
  await store.end('a', 'idle_timeout');
  await store.end('a', 'idle_timeout');
  await store.endAll({ sidKey: 'sid' }, 'revoked');
  expect(told).toEqual([['begun'], ['begun'], ['ended', 'idle_timeout', 1], ['ended', 'revoked', 1]]);
});

it('a meter is told why the store failed, and so is who asked', async () => {
  const { meter, told } = recordMeter();
  const failing = {
    ...memoryStore(),
    read: () => Promise.reject(new StoreError('The session store failed', 'SQLITE_FULL')),
  };
  await expect(meteredStore(failing, meter).read('a')).rejects.toThrow('SQLITE_FULL');
  const strange = { ...memoryStore(), read: () => Promise.reject(new Error('a secret')) };
  await expect(meteredStore(strange, meter).read('a')).rejects.toThrow('a secret');
  expect(told).toEqual([
    ['failed', 'SQLITE_FULL'],
    ['failed', 'unknown'],
  ]);
});

it('a meter that throws is logged, and changes nothing', () => {
  const log = recordLog();
  const sessionBegun = () => {
    throw new TypeError('a secret');
  };
  guardMeter({ ...NO_METER, sessionBegun }, log).sessionBegun();
  const facts = { event: 'meter.fail', error: 'TypeError' };
  expect(log.lines).toEqual([{ level: 'error', facts, message: 'a meter failed' }]);
});
