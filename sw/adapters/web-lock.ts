import type { LockPort } from '../ports.js';

/** A Web Lock of the whole origin: every browser that runs a worker has them. */
export const webLock = (name: string): LockPort => ({
  shared: true,
  run: (signal, work) => navigator.locks.request(name, { signal }, work),
});
