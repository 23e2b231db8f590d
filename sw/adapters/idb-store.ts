import { promisifyRequest } from 'idb-keyval';
import type { StorePort } from '../ports.js';

const OBJECTS = 'keepalive';
const KEY = 'state';

/**
 * One cell in IndexedDB. Where IndexedDB is denied or broken the state lives in memory from then
 * on: each context stands alone, and the snapshot says so (`shared: false`).
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
      // Whoever deletes the database, as an application may that clears up at logout, need not wait
      // for us, nor who opens it after that.
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
            // Otherwise it would end after one more turn of this page, which may stand still from
            // here on.
            transaction.commit?.();
          };
          return await promisifyRequest(transaction);
        }
      } catch {
        // A decision that throws is a defect of ours, not of the storage: it must not be taken for
        // a broken one. A storage that is denied may throw whatever it likes, at the first touch.
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
