import type { Meter } from '../observe/meter.js';
import { aroundStore } from './around-store.js';
import { type SessionStore, StoreError } from './store.js';

/**
 * Wraps a store, so that a meter counts the sessions that begin and end in it, and its failures.
 */
export function meteredStore(store: SessionStore, meter: Meter): SessionStore {
  const metered = aroundStore(store, async (work) => {
    try {
      return await work();
    } catch (error) {
      meter.storeFailed((error instanceof StoreError && error.kind) || 'unknown');
      throw error;
    }
  });
  return {
    ...metered,
    async create(input) {
      const created = await metered.create(input);
      if (created) meter.sessionBegun();
      return created;
    },
    async end(key, reason, how) {
      const ended = await metered.end(key, reason, how);
      if (ended) meter.sessionsEnded(reason, 1);
      return ended;
    },
    async endAll(selector, reason) {
      const ended = await metered.endAll(selector, reason);
      meter.sessionsEnded(reason, ended.length);
      return ended;
    },
  };
}
