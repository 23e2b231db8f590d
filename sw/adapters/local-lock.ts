import type { LockPort } from '../ports.js';

/** Makes a lock of this context alone, for a page without Web Locks (insecure http). */
export function localLock(): LockPort {
  let tail: Promise<unknown> = Promise.resolve();
  return {
    shared: false,
    run(signal, work) {
      const turn = tail.then(() => {
        signal.throwIfAborted();
        return work();
      });
      tail = turn.catch(() => {});
      return turn;
    },
  };
}
