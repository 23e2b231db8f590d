import { IDBFactory } from 'fake-indexeddb';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { idbStore } from './idb-store.js';

beforeEach(() => {
  vi.stubGlobal('indexedDB', new IDBFactory());
});
afterEach(() => {
  vi.unstubAllGlobals();
});

async function content(store: ReturnType<typeof idbStore>): Promise<unknown> {
  let found: unknown;
  await store.update((stored) => {
    found = stored;
    return stored;
  });
  return found;
}

it('starts with nothing and keeps what the last update left', async () => {
  const store = idbStore('a');
  expect(await content(store)).toBeUndefined();
  await store.update(() => ({ n: 1 }));
  expect(await content(store)).toEqual({ n: 1 });
  expect(store.shared).toBe(true);
});

it('is shared by all contexts of one name, and by no other', async () => {
  await idbStore('a').update(() => 'here');
  expect(await content(idbStore('a'))).toBe('here');
  expect(await content(idbStore('b'))).toBeUndefined();
});

it('updates atomically, whoever does it at the same time', async () => {
  const stores = [idbStore('a'), idbStore('a'), idbStore('a')];
  const add = (stored: unknown) => Number(stored ?? 0) + 1;
  await Promise.all(Array.from({ length: 30 }, (_, n) => stores[n % 3]?.update(add)));
  expect(await content(idbStore('a'))).toBe(30);
});

it('makes way for whoever deletes the database, and starts anew', async () => {
  const store = idbStore('a');
  await store.update(() => 'gone');
  const deleted = await new Promise<string>((resolve) => {
    const request = indexedDB.deleteDatabase('a');
    request.onsuccess = () => resolve('deleted');
    request.onblocked = () => resolve('blocked');
  });
  expect(deleted).toBe('deleted');
  expect(await content(store)).toBeUndefined();
  await store.update(() => 'kept');
  expect(await content(idbStore('a'))).toBe('kept');
  expect(store.shared).toBe(true);
});

it('rejects with the error of a decision that throws, keeps what was stored, and goes on', async () => {
  const store = idbStore('a');
  await store.update(() => 'kept');
  const failing = store.update(() => {
    throw new Error('a defect');
  });
  await expect(failing).rejects.toThrow('a defect');
  expect(store.shared).toBe(true);
  expect(await content(store)).toBe('kept');
});

it('lives in memory where IndexedDB is missing, and says so', async () => {
  vi.stubGlobal('indexedDB', undefined);
  const store = idbStore('a');
  await store.update(() => 'kept');
  expect(await content(store)).toBe('kept');
  expect(store.shared).toBe(false);
});

it('lives in memory where IndexedDB is denied', async () => {
  vi.stubGlobal('indexedDB', {
    open() {
      throw new DOMException('denied', 'SecurityError');
    },
  });
  const store = idbStore('a');
  await store.update(() => 'kept');
  expect(await content(store)).toBe('kept');
  expect(store.shared).toBe(false);
});

it('lives in memory where it must not even be looked at', async () => {
  Object.defineProperty(globalThis, 'indexedDB', {
    configurable: true,
    get() {
      throw new Error('denied');
    },
  });
  const store = idbStore('a');
  await store.update(() => 'kept');
  expect(await content(store)).toBe('kept');
  expect(store.shared).toBe(false);
});
