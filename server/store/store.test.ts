import { describe, expect, it } from 'vitest';
import { openShared } from '../testing/shared-store.js';
import { facts, storedSession } from '../testing/stored-session.js';
import { useStores } from '../testing/use-stores.js';
import { memoryStore } from './memory-store.js';
import { NO_NOTES } from './store.js';

const places = useStores();

describe.each([
  ['memory', async () => memoryStore()],
  ['sqlite', () => openShared(places.inFile())],
  ['redis', () => openShared(places.inRedis())],
] as const)('the %s store', (_name, make) => {
  it('reads back what was created, and nothing for an unknown key', async () => {
    const store = await make();
    expect(await store.create(storedSession('a'))).toBe(true);
    expect(await store.read('a')).toEqual({
      ...{ key: 'a', generation: 1, lastActiveAt: 1_000, facts, notes: NO_NOTES, ended: null, lease: null },
    });
    expect(await store.readSealed('a')).toBe('sealed-a');
    expect(await store.read('b')).toBeNull();
    expect(await store.readSealed('b')).toBeNull();
    await store.close();
  });

  it('refuses a key that is taken, by a tombstone too', async () => {
    const store = await make();
    await store.create(storedSession('a'));
    expect(await store.create(storedSession('a'))).toBe(false);
    await store.end('a', 'revoked');
    expect(await store.create(storedSession('a'))).toBe(false);
    expect((await store.read('a'))?.ended).toBe('revoked');
    await store.close();
  });

  it('moves the last activity forward only, in steps, and not after an idle limit', async () => {
    const store = await make();
    await store.create(storedSession('a'));
    const touch = (at: number, step = 1, after = 0) => store.readAndTouch('a', { at, step, after });
    expect(await touch(3_000)).toMatchObject({ lastActiveAt: 1_000, facts, generation: 1 });
    expect(await touch(2_000)).toMatchObject({ lastActiveAt: 3_000 });
    await touch(3_400, 500);
    await touch(4_000, 1, 3_000);
    expect((await store.read('a'))?.lastActiveAt).toBe(3_000);
    await touch(3_500, 500, 2_999);
    expect((await store.read('a'))?.lastActiveAt).toBe(3_500);
    expect(await store.readAndTouch('b', { at: 1, step: 1, after: 0 })).toBeNull();
    await store.close();
  });

  const leasing = (holder: string, leaseMs = 60_000) => ({
    key: 'a',
    holder,
    leaseMs,
    intent: { generation: 1, at: 5 },
  });

  it('gives the lease to one holder until it is released or taken from a named one', async () => {
    const store = await make();
    await store.create(storedSession('a'));
    const ownerOf = async (input: Parameters<typeof store.acquire>[0]) => (await store.acquire(input)).owner;
    expect(await ownerOf(leasing('one'))).toBe('one');
    expect(await store.acquire(leasing('two'))).toEqual({ owner: 'one', record: null, sealed: null });
    expect(await store.renew('a', 'two', 60_000)).toBe(false);
    expect(await store.renew('a', 'one', 90_000)).toBe(true);
    const { lease } = (await store.read('a')) ?? {};
    expect(lease?.holder).toBe('one');
    expect(lease?.leftMs).toBeGreaterThan(60_000);
    expect(lease?.leftMs).toBeLessThanOrEqual(90_000);
    expect(await ownerOf({ ...leasing('two'), instead: 'other' })).toBe('one');
    expect(await ownerOf({ ...leasing('two'), instead: 'one' })).toBe('two');
    await store.release('a', 'one');
    expect(await ownerOf(leasing('one'))).toBe('two');
    await store.release('a', 'two');
    expect((await store.read('a'))?.lease).toBeNull();
    expect(await ownerOf({ ...leasing('one'), key: 'b' })).toBe('');
    await store.close();
  });

  it('gives a lease that has run out to the next, and one that runs longer than any can: a clock was set back', async () => {
    const store = await make();
    await store.create(storedSession('a'));
    await store.acquire(leasing('one', 20));
    await expect.poll(async () => (await store.acquire(leasing('two', 60_000))).owner).toBe('two');
    expect((await store.acquire(leasing('three', 29_000))).owner).toBe('three');
    await store.close();
  });

  it('notes the intent with the lease, and hands out the session as it was before', async () => {
    const store = await make();
    await store.create(storedSession('a'));
    const before = { key: 'a', generation: 1, lastActiveAt: 1_000, facts, notes: NO_NOTES, ended: null, lease: null };
    expect(await store.acquire(leasing('one'))).toEqual({ owner: 'one', record: before, sealed: 'sealed-a' });
    const marker = { generation: 1, attempt: 1, holder: 'one', at: 5 };
    expect(await store.read('a')).toMatchObject({ notes: { ...NO_NOTES, attempt: 1, marker } });
    await store.release('a', 'two', { generation: 1, notes: NO_NOTES });
    expect(await store.read('a')).toMatchObject({ notes: { attempt: 1, marker }, lease: { holder: 'one' } });
    await store.release('a', 'one', { generation: 1, notes: NO_NOTES });
    expect(await store.read('a')).toEqual(before);
    await store.acquire({ ...leasing('one'), intent: { generation: 2, at: 5 } });
    expect(await store.read('a')).toMatchObject({ notes: NO_NOTES, lease: { holder: 'one' } });
    await store.close();
  });

  it('lets exactly one of many take a free lease', async () => {
    const store = await make();
    await store.create(storedSession('a'));
    const holders = Array.from({ length: 20 }, (_, n) => `holder-${n}`);
    const acquired = await Promise.all(holders.map((holder) => store.acquire(leasing(holder))));
    expect(new Set(acquired.map(({ owner }) => owner)).size).toBe(1);
    expect((await store.read('a'))?.notes.attempt).toBe(1);
    await store.close();
  });

  it('commits only the current generation, keeping the attempt number and dropping the other notes', async () => {
    const store = await make();
    await store.create(storedSession('a'));
    const marker = { generation: 1, attempt: 3, holder: 'one', at: 5 };
    expect(await store.note('a', 1, { ...NO_NOTES, attempt: 3, marker })).toBe(true);
    expect((await store.read('a'))?.notes.marker).toEqual(marker);
    const next = { ...facts, grantedAt: 2_000 };
    expect(await store.commit('a', 1, { facts: next, sealed: 'second' })).toBe(true);
    expect(await store.commit('a', 1, { facts, sealed: 'stale' })).toBe(false);
    expect(await store.note('a', 1, NO_NOTES)).toBe(false);
    expect(await store.readSealed('a')).toBe('second');
    expect(await store.read('a')).toMatchObject({ generation: 2, facts: next, notes: { ...NO_NOTES, attempt: 3 } });
    await store.acquire({ ...leasing('one'), intent: { generation: 2, at: 5 } });
    expect(await store.commit('a', 2, { facts, sealed: 'third', holder: 'two' })).toBe(true);
    expect((await store.read('a'))?.lease?.holder).toBe('one');
    expect(await store.commit('a', 3, { facts, sealed: 'fourth', holder: 'one' })).toBe(true);
    expect((await store.read('a'))?.lease).toBeNull();
    await store.close();
  });

  it('keeps a tombstone whatever comes after it', async () => {
    const store = await make();
    await store.create(storedSession('a'));
    expect(await store.end('a', 'idle_timeout')).toEqual({ facts, sealed: 'sealed-a' });
    expect(await store.end('a', 'revoked')).toBeNull();
    expect(await store.commit('a', 1, { facts, sealed: 'x' })).toBe(false);
    expect(await store.note('a', 1, NO_NOTES)).toBe(false);
    await store.readAndTouch('a', { at: 99_000, step: 1, after: 0 });
    expect(await store.read('a')).toMatchObject({ ended: 'idle_timeout', lastActiveAt: 1_000 });
    expect(await store.readSealed('a')).toBeNull();
    await store.close();
  });

  it('knows of a tombstone whether the refresh token was revoked with it', async () => {
    const store = await make();
    for (const key of ['a', 'b', 'c', 'd']) await store.create(storedSession(key));
    await store.end('a', 'revoked', { revokes: true });
    await store.end('d', 'refresh_rejected', { revokes: true });
    expect(await store.read('d')).toMatchObject({ ended: 'refresh_rejected', revokes: true });
    await store.end('b', 'revoked');
    await store.endAll({ sidKey: 'sid-c' }, 'revoked');
    expect(await store.read('a')).toMatchObject({ ended: 'revoked', revokes: true });
    for (const key of ['b', 'c']) {
      expect(await store.read(key)).toMatchObject({ ended: 'revoked' });
      expect(await store.read(key)).not.toHaveProperty('revokes');
    }
    await store.close();
  });

  it('knows of a tombstone when a login replaced the session', async () => {
    const store = await make();
    for (const key of ['a', 'b', 'c']) await store.create(storedSession(key));
    await store.end('a', 'revoked', { replacedAt: 1_700_000_000_000, by: 'login' });
    await store.end('b', 'revoked', { revokes: true, replacedAt: 1_700_000_000_000 });
    await store.end('c', 'revoked', { revokes: true });
    expect(await store.read('a')).toMatchObject({ ended: 'revoked', replacedAt: 1_700_000_000_000 });
    expect(await store.read('a')).not.toHaveProperty('revokes');
    expect(await store.read('b')).toMatchObject({ ended: 'revoked', replacedAt: 1_700_000_000_000, revokes: true });
    expect(await store.read('c')).not.toHaveProperty('replacedAt');
    await store.close();
  });

  it('ends all sessions of a user created in time, or of a provider session', async () => {
    const store = await make();
    await store.create(storedSession('a'));
    await store.create(storedSession('b', { createdAt: 2_000 }));
    await store.create(storedSession('c', { user: 'other' }));
    expect(await store.endAll({ user: 'u', createdUpTo: 1_500 }, 'revoked')).toHaveLength(1);
    expect(await store.endAll({ sidKey: 'sid-b' }, 'revoked')).toHaveLength(1);
    expect(await store.endAll({ sidKey: 'sid-b' }, 'revoked')).toEqual([]);
    expect((await store.read('c'))?.ended).toBeNull();
    await store.close();
  });

  it('remembers a name once until it expires', async () => {
    const store = await make();
    expect(await store.remember({ name: 'j', value: 1, now: 0, expiresAt: 10 })).toBe(true);
    expect(await store.remember({ name: 'j', value: 5, now: 5, expiresAt: 20 })).toBe(false);
    expect(await store.recall('j', 6)).toBe(5);
    expect(await store.recall('j', 20)).toBeNull();
    expect(await store.remember({ name: 'j', value: 1, now: 30, expiresAt: 40 })).toBe(true);
    await store.close();
  });

  it('gives a text that was left to one of many that take it, and to none later', async () => {
    const store = await make();
    const now = Date.now();
    await store.leave({ name: 'a', text: 'for one', now, expiresAt: now + 60_000 });
    const taken = await Promise.all(Array.from({ length: 10 }, () => store.take('a', now)));
    expect(taken.filter((text) => text !== null)).toEqual(['for one']);
    expect(await store.take('b', now)).toBeNull();
    await store.close();
  });

  it('keeps a text that was left no longer than asked', async () => {
    const store = await make();
    const now = Date.now();
    for (const name of ['a', 'b']) await store.leave({ name, text: 'soon gone', now, expiresAt: now + 30 });
    // Redis counts from when it was told, which on a busy machine is later than `now`.
    const told = Date.now();
    await expect.poll(() => Date.now()).toBeGreaterThan(told + 40);
    expect(await store.take('a', Date.now())).toBeNull();
    await store.purge(Date.now());
    expect(await store.take('b', now)).toBeNull();
    await store.close();
  });

  it('keeps the first value under a name', async () => {
    const store = await make();
    expect(await store.keepOnce('pepper', 'first')).toBe('first');
    expect(await store.keepOnce('pepper', 'second')).toBe('first');
    await store.close();
  });

  it('drops a session when nobody needs it any more, and no other', async () => {
    const store = await make();
    const createdAt = Date.now();
    await store.create({ ...storedSession('a', { createdAt }), purgeAt: createdAt + 20 });
    await store.create({ ...storedSession('b', { createdAt }), purgeAt: createdAt + 60_000 });
    const purged = async () => {
      await store.purge(Date.now());
      return store.read('a');
    };
    await expect.poll(purged).toBeNull();
    expect(await store.readSealed('a')).toBeNull();
    expect(await store.read('b')).not.toBeNull();
    await store.close();
  });
});
