import type { LockPort } from '../ports.js';

/** A Web Lock of the whole origin; without Web Locks (insecure http) a queue of this context alone. */
export function webLock(name: string): LockPort {
  const locks = globalThis.navigator?.locks;
  let tail: Promise<unknown> = Promise.resolve();
  return {
    shared: Boolean(locks),
    run(signal, work) {
      if (locks) return locks.request(name, { signal }, work);
      const turn = tail.then(() => {
        signal.throwIfAborted();
        return work();
      });
      tail = turn.catch(() => {});
      return turn;
    },
  };
}
