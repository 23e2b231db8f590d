import type { Outcome } from '../sw/protocol.js';
import type { Keepalive, KeepaliveSnapshot } from './types.js';

/** How often a pop-up is looked at: no event tells its opener that it was closed. */
const POLL = 500;

type Session = Pick<Keepalive, 'snapshot' | 'subscribe' | 'check'>;

/** Opens the login in a pop-up, so that the page keeps what was typed. Call it from a click: browsers block it otherwise. */
export function signInPopup(loginUrl: URL, { snapshot, subscribe }: Session, look: () => void): Promise<Outcome> {
  const before = snapshot();
  loginUrl.searchParams.set('popup', '1');
  const popup = window.open(loginUrl, 'stillhere-sign-in', 'popup,width=480,height=640');
  if (!popup) return Promise.resolve('unavailable');
  const isIn = ({ status, epoch }: KeepaliveSnapshot): boolean => status === 'active' && epoch?.n !== before.epoch?.n;
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
