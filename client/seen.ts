import { sharedName } from '../sw/names.js';
import type { ResolvedOptions } from './options.js';

export interface Seen {
  /** The session as the page sees it now. */
  read(): string | null | undefined;
  /** Deletes the readable cookie if it still names `sessionId`. */
  drop(sessionId: string | null): void;
}

/**
 * Reads who is signed in, from the application's `session` option or from the readable cookie. No cookie means signed out only on a device
 * that has had one: a server that never sets it says nothing by its absence.
 */
export function createSeen({ session, cookie, name }: ResolvedOptions, onThrow: (error: unknown) => void): Seen {
  const flag = `${sharedName(name)}:cookie`;
  let had = false;

  function fromCookie(): string | null | undefined {
    const pair = document.cookie.split('; ').find((entry) => entry.startsWith(`${cookie}=`));
    const value = pair?.slice(cookie.length + 1);
    try {
      if (value && !had) localStorage.setItem(flag, '1');
      had ||= !!(value || localStorage.getItem(flag));
    } catch {
      had ||= !!value;
    }
    return value || (had || value === '' ? null : undefined);
  }

  return {
    read() {
      if (!session) return fromCookie();
      try {
        return session();
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
