import type { StorePort } from '../../sw/ports.js';

/** The longest time that an update may take. One in IndexedDB takes some milliseconds. */
const STALL_MS = 1_500;

/**
 * A store that is shared with other pages' engines. A page that stands still in the middle of a transaction, with a dialog open or at a
 * breakpoint, blocks all others: until it goes on, this page keeps its state in memory, and the snapshot says so (`shared: false`). Then
 * the stored state counts again. The page learns from the server what the decisions in memory had found out.
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
