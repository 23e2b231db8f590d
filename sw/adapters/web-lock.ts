import type { LockPort } from '../ports.js';

/** Makes a Web Lock of the whole origin. Every browser that can run a service worker has them. */
export const webLock = (name: string): LockPort => ({
  shared: true,
  run: (signal, work) => navigator.locks.request(name, { signal }, work),
});
