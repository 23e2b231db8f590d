import type { Keepalive } from '../../../client/types.js';
import { byId } from './dom.js';

/**
 * Signs out of both sessions. No beat may be on its way when the server ends the kept one. Returns
 * a function that tells if this page is signing out.
 */
export function runSignOut(keepalive: Pick<Keepalive, 'signedOut'>): () => boolean {
  const button = byId('sign-out', HTMLButtonElement);
  button.addEventListener('click', async () => {
    button.disabled = true;
    await fetch('/alone/logout', { method: 'POST', headers: { 'X-Stillhere': '1' } }).catch(() => undefined);
    await keepalive.signedOut();
    byId('logout-form', HTMLFormElement).submit();
  });
  return () => button.disabled;
}
