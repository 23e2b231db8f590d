import type { Meter } from './meter.js';
import { type SessionStore, StoreError } from './store.js';

/** The same store; a meter is told of the sessions that begin and end in it, and of its failures. */
export function meteredStore(store: SessionStore, meter: Meter): SessionStore {
  const watch =
    <A extends unknown[], T>(work: (...args: A) => Promise<T>, then?: (result: T, ...args: A) => void) =>
    async (...args: A): Promise<T> => {
      try {
        const result = await work(...args);
        then?.(result, ...args);
        return result;
      } catch (error) {
        meter.storeFailed((error instanceof StoreError && error.kind) || 'unknown');
        throw error;
      }
    };
  return {
    keepOnce: watch((...args) => store.keepOnce(...args)),
    create: watch(
      (input) => store.create(input),
      (created) => created && meter.sessionBegun(),
    ),
    read: watch((key) => store.read(key)),
    readSealed: watch((key) => store.readSealed(key)),
    touch: watch((...args) => store.touch(...args)),
    acquire: watch((input) => store.acquire(input)),
    renew: watch((...args) => store.renew(...args)),
    release: watch((...args) => store.release(...args)),
    note: watch((...args) => store.note(...args)),
    commit: watch((...args) => store.commit(...args)),
    end: watch(
      (...args) => store.end(...args),
      (ended, _key, reason) => ended && meter.sessionsEnded(reason, 1),
    ),
    endAll: watch(
      (...args) => store.endAll(...args),
      (count, _selector, reason) => meter.sessionsEnded(reason, count),
    ),
    remember: watch((input) => store.remember(input)),
    recall: watch((...args) => store.recall(...args)),
    purge: watch((now) => store.purge(now)),
    close: watch(() => store.close()),
  };
}
