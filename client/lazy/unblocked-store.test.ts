import { IDBFactory } from 'fake-indexeddb';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { idbStore } from '../../sw/adapters/idb-store.js';
import { unblockedStore } from './unblocked-store.js';

const STALL_MS = 20;
const add = (stored: unknown) => Number(stored ?? 0) + 1;

beforeEach(() => {
  vi.stubGlobal('indexedDB', new IDBFactory());
});
afterEach(() => {
  vi.unstubAllGlobals();
});

/** A page that stands still in the middle of a transaction: it ends with `goOn`. */
async function standStill(): Promise<{ goOn: () => Promise<void> }> {
  const opened = indexedDB.open('a');
  const db = await new Promise<IDBDatabase>((resolve) => {
    opened.onsuccess = () => resolve(opened.result);
  });
  const transaction = db.transaction('keepalive', 'readwrite');
  const objects = transaction.objectStore('keepalive');
  let isStill = true;
  const spin = () => {
    objects.get('state').onsuccess = () => isStill && setTimeout(() => undefined) && spin();
  };
  await new Promise<void>((resolve) => {
    objects.get('state').onsuccess = () => {
      spin();
      resolve();
    };
  });
  return {
    goOn: () =>
      new Promise((resolve) => {
        transaction.oncomplete = () => {
          db.close();
          resolve();
        };
        isStill = false;
      }),
  };
}

it('keeps what is stored, as the store itself', async () => {
  const store = unblockedStore(idbStore('a'), STALL_MS);
  await store.update(add);
  await unblockedStore(idbStore('a')).update(add);
  let found: unknown;
  await store.update((stored) => {
    found = stored;
    return stored;
  });
  expect(found).toBe(2);
  expect(store.shared).toBe(true);
});

it('goes on in memory while another page stands still in a transaction, and says so', async () => {
  const store = unblockedStore(idbStore('a'), STALL_MS);
  await store.update(add);
  const other = await standStill();
  const seen: unknown[] = [];
  const look = (stored: unknown) => {
    seen.push(stored);
    return add(stored);
  };
  await store.update(look);
  expect(store.shared).toBe(false);
  await store.update(look);
  expect(seen).toEqual([1, 2]);
  await other.goOn();
  // The stored state counts again. It holds no decision that was made in memory meanwhile.
  await vi.waitFor(() => expect(store.shared).toBe(true));
  await store.update(look);
  expect(seen).toEqual([1, 2, 1]);
});

it('waits where it knows of nothing to go on with', async () => {
  await idbStore('a').update(add);
  const other = await standStill();
  const store = unblockedStore(idbStore('a'), STALL_MS);
  let isDone = false;
  const updated = store.update(add).then(() => {
    isDone = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 5 * STALL_MS));
  expect(isDone).toBe(false);
  await other.goOn();
  await updated;
  expect(store.shared).toBe(true);
});

it('rejects with the error of a decision that throws', async () => {
  const store = unblockedStore(idbStore('a'), STALL_MS);
  const failing = store.update(() => {
    throw new Error('a defect');
  });
  await expect(failing).rejects.toThrow('a defect');
});
