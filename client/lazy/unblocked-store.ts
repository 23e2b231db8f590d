import type { StorePort } from '../../sw/ports.js';

/** The longest time that an update may take, in milliseconds. IndexedDB usually takes a few. */
const STALL_MS = 1_500;

/**
 * Makes a store that is shared with the engines of other pages. A page that stands still in the
 * middle of a transaction blocks all others, for example because a dialog is open or a debugger has
 * stopped it. Until it goes on, this page keeps its state in memory, and the snapshot says so
 * (`shared: false`). Then the stored state counts again. The decisions that were made in memory are
 * lost, and this page asks the server again.
 */
export function unblockedStore(store: StorePort, stallMs = STALL_MS): StorePort {
  let memory: unknown;
  let isBlocked = false;

  /** Resolves with `true` if the update is done, or is sure to be done. */
  function attempt(change: (stored: unknown) => unknown): Promise<boolean> {
    let isLate = false;
    return new Promise((resolve, reject) => {
      // A page that has decided nothing yet has no state to go on with, so it waits.
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
