import type { Keepalive, KeepaliveSnapshot } from '../../../client/types.js';
import { byId, setText } from './dom.js';
import { formatSeconds, secondsLeft } from './format.js';

const WHY: Record<string, string> = {
  idle_timeout: 'Nobody was here for a while. What you typed is still on this page.',
  absolute_timeout: 'It has lasted as long as it may. What you typed is still on this page.',
  revoked: 'It was revoked. What you typed is still on this page.',
  refresh_rejected: 'The provider refused to go on with it. What you typed is still on this page.',
};

export interface Overlays {
  /** The session has ended: cover the page, keep what was typed. */
  expired(snapshot: KeepaliveSnapshot): void;
  alive(): void;
  conceal(concealed: boolean): void;
  /** Call at every change and every tick. */
  warn(ending: KeepaliveSnapshot['ending'], now: number): void;
}

/** What covers the page or warns. The warning takes no focus: a focus moved by a script would count as somebody being there. */
export function createOverlays(keepalive: Pick<Keepalive, 'signIn' | 'extend' | 'check'>): Overlays {
  const over = byId('over', HTMLDialogElement);
  const veil = byId('veil', HTMLDialogElement);
  const warning = byId('warning', HTMLElement);
  const left = byId('warning-left', HTMLElement);
  const announce = byId('announce', HTMLElement);
  const hint = byId('over-hint', HTMLElement);
  const again = byId('sign-in-again', HTMLButtonElement);

  // Escape would uncover a page whose session is over.
  for (const dialog of [over, veil]) dialog.addEventListener('cancel', (event) => event.preventDefault());

  byId('stay', HTMLButtonElement).addEventListener('click', () => void keepalive.extend());
  byId('veil-check', HTMLButtonElement).addEventListener('click', () => void keepalive.check());
  again.addEventListener('click', async () => {
    again.disabled = true;
    setText(hint, 'Waiting for the sign-in window …');
    const outcome = await keepalive.signIn({ popup: true });
    again.disabled = false;
    setText(hint, outcome === 'alive' ? '' : 'Not signed in yet. Allow the small window, and try once more.');
  });

  return {
    expired({ reason }) {
      warning.hidden = true;
      if (veil.open) veil.close();
      setText(byId('over-text', HTMLElement), WHY[reason ?? ''] ?? 'What you typed is still on this page.');
      setText(byId('over-reason', HTMLElement), reason ?? 'none');
      setText(hint, 'Opens a small window, so that this page keeps your text.');
      if (!over.open) over.showModal();
    },
    alive() {
      if (over.open) over.close();
    },
    conceal(concealed) {
      if (concealed && !over.open && !veil.open) veil.showModal();
      if (!concealed && veil.open) veil.close();
    },
    warn(ending, now) {
      const isShown = ending !== null && !over.open;
      if (isShown) setText(left, formatSeconds(secondsLeft(ending.at, now)));
      if (isShown !== warning.hidden) return;
      warning.hidden = !isShown;
      setText(
        announce,
        isShown
          ? `Your session ends in ${formatSeconds(secondsLeft(ending.at, now))} if you are gone. Any key keeps it.`
          : '',
      );
    },
  };
}
