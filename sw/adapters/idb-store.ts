import { promisifyRequest } from 'idb-keyval';
import type { StorePort } from '../ports.js';

const OBJECTS = 'keepalive';
const KEY = 'state';

/**
 * Makes a store of one cell in IndexedDB. If IndexedDB is denied or broken, the state lives in
 * memory from then on: each context has its own, and the snapshot says so (`shared: false`).
 */
export function idbStore(name: string): StorePort {
  let opened: Promise<IDBDatabase> | undefined;
  const forget = (): void => {
    opened = undefined;
  };

  function open(): Promise<IDBDatabase> {
    const request = indexedDB.open(name);
    request.onupgradeneeded = () => request.result.createObjectStore(OBJECTS);
    const opening = promisifyRequest(request);
    opening.then((db) => {
      db.onclose = forget;
      // An application may delete all databases at logout. The connection is closed then, so that
      // the application need not wait for it.
      db.onversionchange = () => {
        forget();
        db.close();
      };
    }, forget);
    return opening;
  }

  let isBroken = false;
  let memory: unknown;
  return {
    async update(change) {
      let defect: unknown;
      try {
        if (!isBroken) {
          opened ??= open();
          const transaction = (await opened).transaction(OBJECTS, 'readwrite');
          const objects = transaction.objectStore(OBJECTS);
          const found = objects.get(KEY);
          found.onsuccess = () => {
            try {
              memory = change(found.result);
            } catch (error) {
              defect = error;
              transaction.abort();
              return;
            }
            objects.put(memory, KEY);
            // Without this the transaction would end after one more task of this page, which may
            // stand still from here on.
            transaction.commit?.();
          };
          return await promisifyRequest(transaction);
        }
      } catch {
        // If a decision throws, that is a fault of the engine. It must not count as a broken
        // storage. A storage that is denied may throw any error when it is first used.
        if (defect) throw defect;
        isBroken = true;
      }
      memory = change(memory);
    },
    get shared() {
      return !isBroken;
    },
  };
}
