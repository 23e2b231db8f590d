import type { SessionStore } from './store.js';

/** Wraps each call of a store but `close` in `around`. */
export function aroundStore(store: SessionStore, around: <T>(work: () => Promise<T>) => Promise<T>): SessionStore {
  return {
    keepOnce: (...args) => around(() => store.keepOnce(...args)),
    create: (...args) => around(() => store.create(...args)),
    read: (...args) => around(() => store.read(...args)),
    readSealed: (...args) => around(() => store.readSealed(...args)),
    readAndTouch: (...args) => around(() => store.readAndTouch(...args)),
    acquire: (...args) => around(() => store.acquire(...args)),
    renew: (...args) => around(() => store.renew(...args)),
    release: (...args) => around(() => store.release(...args)),
    note: (...args) => around(() => store.note(...args)),
    commit: (...args) => around(() => store.commit(...args)),
    end: (...args) => around(() => store.end(...args)),
    endAll: (...args) => around(() => store.endAll(...args)),
    remember: (...args) => around(() => store.remember(...args)),
    recall: (...args) => around(() => store.recall(...args)),
    leave: (...args) => around(() => store.leave(...args)),
    take: (...args) => around(() => store.take(...args)),
    purge: (...args) => around(() => store.purge(...args)),
    close: () => store.close(),
  };
}
