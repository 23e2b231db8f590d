import { memoryStore } from '../../server/session/memory-store.js';
import type { SessionStore } from '../../server/session/store.js';

/**
 * Where both sessions come from one client of a foreign provider, they share a grant: revoking the refresh token of the one that ends would take
 * the other's with it (RFC 7009 section 2.1). A session that ends in this store leaves no token to revoke.
 */
export function unrevokedStore(): SessionStore {
  const store = memoryStore();
  return {
    ...store,
    async end(key, reason) {
      const ended = await store.end(key, reason);
      return ended && { ...ended, sealed: null };
    },
  };
}
