import { byId, setText } from './dom.js';

/** The public page: somebody who is signed in goes on instead of signing in again. */
export function runLanding(): void {
  if (!document.cookie.split('; ').some((pair) => pair.startsWith('stillhere-session='))) return;
  const link = byId('sign-in', HTMLAnchorElement);
  link.href = '/app';
  setText(link, 'Go on to the form');
  setText(byId('sign-in-note', HTMLElement), 'You have signed in before.');
}
