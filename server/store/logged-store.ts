import type { Logger } from '../observe/logger.js';
import { aroundStore } from './around-store.js';
import type { SessionFacts, SessionStore } from './store.js';

const handles = ({ sessionId, user }: SessionFacts) => ({ sessionId, user });

/**
 * Wraps a store, so that each grant and each end that it stores is one line of the log, whichever
 * part of the server caused it. So the log has exactly one answer to the question why a user was
 * logged out.
 */
export function loggedStore(store: SessionStore, logger: Logger): SessionStore {
  return {
    // Not `...store`: the methods of one that is of a class are not its own properties.
    ...aroundStore(store, (work) => work()),
    async commit(key, generation, input) {
      const stored = await store.commit(key, generation, input);
      if (stored) logger.info({ event: 'session.refresh', ...handles(input.facts) }, 'a session was refreshed');
      return stored;
    },
    async end(key, reason, how) {
      const ended = await store.end(key, reason, how);
      const by = how?.by === undefined ? {} : { by: how.by };
      if (ended) logger.info({ event: 'session.end', ...handles(ended.facts), reason, ...by }, 'a session ended');
      return ended;
    },
    async endAll(selector, reason) {
      const ended = await store.endAll(selector, reason);
      for (const facts of ended)
        logger.info({ event: 'session.end', ...handles(facts), reason, by: 'provider' }, 'a session ended');
      return ended;
    },
  };
}
