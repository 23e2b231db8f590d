import { createStore, update } from 'idb-keyval';
import type { StorePort } from '../ports.js';

const KEY = 'state';

/**
 * One cell in IndexedDB. Where IndexedDB is denied or broken the state lives in memory from then on: each context stands alone, and the
 * snapshot says so (`shared: false`).
 */
export function idbStore(name: string): StorePort {
  let cell: ReturnType<typeof createStore> | null = null;
  let broken = typeof indexedDB === 'undefined';
  let memory: unknown;
  return {
    async update(change) {
      if (!broken) {
        try {
          cell ??= createStore(name, 'keepalive');
          // A decision that throws is a defect of ours, not of the storage: it must not be taken for a broken one.
          let thrown: { error: unknown } | null = null;
          await update(
            KEY,
            (stored) => {
              try {
                memory = change(stored);
              } catch (error) {
                thrown = { error };
                return stored;
              }
              return memory;
            },
            cell,
          );
          if (thrown) throw (thrown as { error: unknown }).error;
          return;
        } catch (error) {
          if (!(error instanceof DOMException)) throw error;
          broken = true;
        }
      }
      memory = change(memory);
    },
    get shared() {
      return !broken;
    },
  };
}
