import { createStore, type UseStore, update } from 'idb-keyval';
import type { StorePort } from '../ports.js';

/**
 * One cell in IndexedDB. Where IndexedDB is denied or broken the state lives in memory from then on: each context stands alone, and the
 * snapshot says so (`shared: false`).
 */
export function idbStore(name: string): StorePort {
  let cell: UseStore | undefined;
  let isBroken = typeof indexedDB === 'undefined';
  let memory: unknown;
  return {
    async update(change) {
      const keep = (stored: unknown) => {
        memory = change(stored);
        return memory;
      };
      try {
        if (!isBroken) {
          cell ??= createStore(name, 'keepalive');
          return await update('state', keep, cell);
        }
      } catch (error) {
        // A decision that throws is a defect of ours, not of the storage: it must not be taken for a broken one.
        if (!(error instanceof DOMException)) throw error;
        isBroken = true;
      }
      keep(memory);
    },
    get shared() {
      return !isBroken;
    },
  };
}
