import type { SmallPage } from './read-log.js';

/** Signs out as an application does: it tells the keepalive, and then its server. */
export const signOut = (page: SmallPage): Promise<void> =>
  page.evaluate(async () => {
    await window.smallApp.keepalive.signedOut();
    await fetch('/auth/logout', { method: 'POST', headers: { 'X-Stillhere': '1' } });
  });
