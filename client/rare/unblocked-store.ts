import type { StorePort } from '../../sw/ports.js';

/** How long an update may take. What IndexedDB does in a page takes some milliseconds. */
const STALL_MS = 1_500;

/**
 * A store that is shared with other pages' engines. A page that stands still in the middle of a transaction, with a dialog open or at a
 * breakpoint, blocks all others: until it goes on, what this page knows lives in its memory, and the snapshot says so (`shared: false`). Then
 * what is stored counts again: what was decided meanwhile and matters is learnt from the server once more.
 */
export function unblockedStore(store: StorePort, stallMs = STALL_MS): StorePort {
  let memory: unknown;
  let isBlocked = false;

  /** Resolves with whether the update is done, or is sure to be. */
  function attempt(change: (stored: unknown) => unknown): Promise<boolean> {
    let isLate = false;
    return new Promise((resolve, reject) => {
      // A page that has decided nothing yet has nothing to go on with: it waits.
      const timer = setTimeout(() => {
        if (memory === undefined) return;
        isLate = isBlocked = true;
        resolve(false);
      }, stallMs);
      store
        .update((stored) => {
          clearTimeout(timer);
          if (isLate) return stored;
          memory = change(stored);
          return memory;
        })
        .then(() => resolve(true), reject)
        .finally(() => {
          clearTimeout(timer);
          if (isLate) isBlocked = false;
        });
    });
  }

  return {
    async update(change) {
      if (!isBlocked && (await attempt(change))) return;
      memory = change(memory);
    },
    get shared() {
      return store.shared && !isBlocked;
    },
  };
}
