import type { Outcome } from '../../sw/protocol.js';
import type { Keepalive, KeepaliveSnapshot } from '../types.js';

/** How often a pop-up is looked at: no event tells its opener that it was closed. */
const POLL = 500;

type Session = Pick<Keepalive, 'snapshot' | 'subscribe'>;

/** Waits until the login in `popup` has made a session after `before`, or the pop-up is closed. A chunk of its own: few pages need it. */
export function signInPopup(
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
      if (!popup.closed) return;
      clearInterval(timer);
      look();
      // The session may have come at the last moment: the answer to the look tells.
      setTimeout(() => settle(snapshot().status === 'active' ? 'alive' : 'unavailable'), POLL * 4);
    }, POLL);
    const unsubscribe = subscribe(() => {
      if (isIn(snapshot())) settle('alive');
    });
  });
}
