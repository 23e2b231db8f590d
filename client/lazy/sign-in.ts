import type { Outcome } from '../../sw/protocol.js';
import type { ResolvedOptions } from '../options.js';
import type { Keepalive, KeepaliveSnapshot } from '../types.js';

/**
 * The milliseconds between two looks at a pop-up. No event tells its opener that the pop-up was
 * closed.
 */
const POLL = 500;

type Session = Pick<Keepalive, 'snapshot' | 'subscribe'>;
type How = NonNullable<Parameters<Keepalive['signIn']>[0]>;

/**
 * Goes to the login page, or waits until the login in `popup` has made a session. This is a chunk
 * of its own, because few pages need it.
 *
 * @throws {TypeError} if there is no `loginUrl`.
 */
export async function signIn(
  { loginUrl, name }: Pick<ResolvedOptions, 'loginUrl' | 'name'>,
  how: How,
  popup: Window | null | undefined | false,
  before: KeepaliveSnapshot,
  session: Session,
  look: () => void,
): Promise<Outcome> {
  if (!loginUrl) {
    if (popup) popup.close();
    throw new TypeError('createKeepalive: loginUrl takes a path or URL for signIn()');
  }
  const url = new URL(loginUrl, location.href);
  if (how.popup) {
    if (!popup) return 'unavailable';
    url.searchParams.set('popup', '1');
    // The page at the end of the login tells the tabs of this name.
    url.searchParams.set('name', name);
    popup.location.href = url.href;
    return awaitPopup(popup, before, session, look);
  }
  url.searchParams.set('returnTo', how.returnTo ?? location.pathname + location.search + location.hash);
  location.assign(url);
  return 'unavailable';
}

/** Waits until the login in `popup` has made a session after `before`, or the pop-up is closed. */
function awaitPopup(
  popup: Window,
  before: KeepaliveSnapshot,
  { snapshot, subscribe }: Session,
  look: () => void,
): Promise<Outcome> {
  const isIn = ({ status, epoch }: KeepaliveSnapshot): boolean => status === 'active' && epoch?.n !== before.epoch?.n;
  if (isIn(snapshot())) return Promise.resolve('alive');
  return new Promise((resolve) => {
    const settle = (outcome: Outcome): void => {
      clearInterval(timer);
      unsubscribe();
      resolve(outcome);
    };
    const timer = setInterval(() => {
      // A pop-up looks closed at once if its page has a Cross-Origin-Opener-Policy. A user who has
      // really closed it is back in this page.
      if (!popup.closed || !document.hasFocus()) return;
      clearInterval(timer);
      look();
      // The session may have come at the last moment. The answer to this question tells.
      setTimeout(() => settle(snapshot().status === 'active' ? 'alive' : 'unavailable'), POLL * 4);
    }, POLL);
    const unsubscribe = subscribe(() => {
      if (isIn(snapshot())) settle('alive');
    });
  });
}
