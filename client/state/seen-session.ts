import { sharedName } from '../../sw/names.js';
import { isLike } from '../../sw/protocol.js';
import type { ResolvedOptions } from '../options.js';

export interface Seen {
  /** The session as the page sees it now. */
  read(): string | null | undefined;
  /**
   * The public id of the user for whom the page was rendered, `null` for a page without private
   * data, `undefined` if the page does not say.
   */
  owner(): string | null | undefined;
  /**
   * The server sets the readable cookie `name` at login: from now on its absence means signed out.
   */
  expect(name: string | undefined): void;
  /** Deletes the readable cookie if it still names `sessionId`. */
  drop(sessionId: string | null): void;
}

/**
 * Reads which session the page sees, from the option `session` or from the readable cookie, and for
 * whom the page was rendered, from the option `renderedFor` or from its `<meta>`.
 */
export function createSeen(
  { session, renderedFor, cookie, name }: ResolvedOptions,
  onThrow: (error: unknown) => void,
): Seen {
  const key = sharedName(name);
  /** This device has had the readable cookie. */
  let hasHad = false;

  /** Remembers that the device has the cookie, or tells if it has had it. Storage may be denied. */
  function hadCookie(hasNow: boolean): boolean {
    try {
      if (hasNow && !hasHad) localStorage.setItem(key, cookie);
      hasHad ||= hasNow || localStorage.getItem(key) === cookie;
    } catch {
      hasHad ||= hasNow;
    }
    return hasHad;
  }

  function fromCookie(): string | null | undefined {
    const pairs = document.cookie.split('; ').filter((entry) => entry.startsWith(`${cookie}=`));
    const ids = pairs.map((pair) => pair.slice(cookie.length + 1));
    // A sibling domain can set a cookie of this name too. An empty one signs no user out if there
    // is another one.
    const id = ids.find((value) => value) ?? null;
    // A server that never sets the cookie says nothing by its absence.
    return hadCookie(!!id) || ids.length ? id : undefined;
  }

  /** Asks the application's function. One that throws, or gives something else, says nothing. */
  function ask(option: () => string | null | undefined): string | null | undefined {
    try {
      const id = option();
      if (isLike(id, null)) return id;
      throw typeof id;
    } catch (error) {
      onThrow(error);
      return undefined;
    }
  }

  function owner(): string | null | undefined {
    const fromPage = () => document.querySelector<HTMLMetaElement>('meta[name=stillhere-user]')?.content;
    const user =
      typeof renderedFor === 'function' ? ask(renderedFor) : renderedFor === undefined ? fromPage() : renderedFor;
    // An empty text names no user.
    return user === '' ? null : user;
  }

  return {
    read: () => (session ? ask(session) : fromCookie()),
    owner,
    expect(name) {
      if (name === cookie) hadCookie(true);
    },
    drop(sessionId) {
      if (session || !sessionId || fromCookie() !== sessionId) return;
      document.cookie = `${cookie}=; Max-Age=0; Path=/`;
    },
  };
}
