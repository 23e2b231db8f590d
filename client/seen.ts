import { isLike } from '../sw/protocol.js';
import type { ResolvedOptions } from './options.js';

export interface Seen {
  /** The session as the page sees it now. */
  read(): string | null | undefined;
  /** Deletes the readable cookie if it still names `sessionId`. */
  drop(sessionId: string | null): void;
}

/**
 * Reads who is signed in, from the application's `session` option or from the readable cookie. No cookie means signed out where the server
 * is known to set it (`cookieTells`); one that never sets it says nothing by its absence.
 */
export function createSeen({ session, cookie, cookieTells }: ResolvedOptions, onThrow: (error: unknown) => void): Seen {
  function fromCookie(): string | null | undefined {
    const pair = document.cookie.split('; ').find((entry) => entry.startsWith(`${cookie}=`));
    return pair?.slice(cookie.length + 1) || (cookieTells || pair ? null : undefined);
  }

  return {
    read() {
      if (!session) return fromCookie();
      try {
        const id = session();
        if (isLike(id, null)) return id;
        throw typeof id;
      } catch (error) {
        onThrow(error);
        return undefined;
      }
    },
    drop(sessionId) {
      if (session || !sessionId || fromCookie() !== sessionId) return;
      document.cookie = `${cookie}=; Max-Age=0; Path=/`;
    },
  };
}
