import type { Keepalive, KeepaliveSnapshot } from '../../../client/types.js';
import { byId, setText } from './dom.js';

const KEPT_TEXT = 'What you typed is still on this page.';
const WHY: Record<string, string> = {
  idle_timeout: 'Nobody was here for a while.',
  absolute_timeout: 'It has lasted as long as it may.',
  revoked: 'It was revoked.',
  refresh_rejected: 'The provider refused to go on with it.',
};

export interface Overlays {
  /**
   * The session has ended: cover the page, keep what was typed. `why` is said instead of the usual
   * sentence.
   */
  expired(snapshot: KeepaliveSnapshot, why: string | null): void;
  alive(): void;
  conceal(concealed: boolean): void;
}

/** What covers the page. */
export function createOverlays(keepalive: Pick<Keepalive, 'signIn' | 'check'>): Overlays {
  const over = byId('over', HTMLDialogElement);
  const veil = byId('veil', HTMLElement);
  const behind = [byId('bar', HTMLElement), byId('demo', HTMLElement)];
  const hint = byId('over-hint', HTMLElement);
  const again = byId('sign-in-again', HTMLButtonElement);
  let focused: Element | null = null;

  // Escape would uncover a page whose session is over.
  over.addEventListener('cancel', (event) => event.preventDefault());

  byId('veil-check', HTMLButtonElement).addEventListener('click', () => void keepalive.check());
  again.addEventListener('click', async () => {
    again.disabled = true;
    setText(hint, 'Waiting for the sign-in window …');
    const outcome = await keepalive.signIn({ popup: true });
    again.disabled = false;
    if (outcome === 'alive') return;
    setText(hint, 'Not signed in yet. Allow the small window, and try once more.');
    again.focus();
  });

  /**
   * Covers without moving the focus: a focus moved by a script looks to the browser like somebody
   * being there, and nobody may be.
   */
  function conceal(concealed: boolean): void {
    if (concealed === !veil.hidden) return;
    if (concealed) focused = document.activeElement;
    const isInVeil = veil.contains(document.activeElement);
    veil.hidden = !concealed;
    for (const element of behind) element.inert = concealed;
    if (!concealed && isInVeil && focused instanceof HTMLElement) focused.focus();
  }

  return {
    expired({ reason }, why) {
      conceal(false);
      setText(byId('over-text', HTMLElement), `${why ?? WHY[reason ?? ''] ?? ''} ${KEPT_TEXT}`.trim());
      setText(byId('over-reason', HTMLElement), reason ?? 'none');
      setText(hint, 'Opens a small window, so that this page keeps your text.');
      if (!over.open) over.showModal();
    },
    alive() {
      if (over.open) over.close();
    },
    conceal: (concealed) => conceal(concealed && !over.open),
  };
}
