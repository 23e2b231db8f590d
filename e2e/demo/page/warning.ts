import type { Keepalive, KeepaliveSnapshot } from '../../../client/types.js';
import { byId, setText } from './dom.js';
import { formatSeconds, secondsLeft } from './format.js';

/**
 * Says that the session will end, and offers to stay; call what it returns at every change and
 * every tick. It takes no focus, for a focus moved by a script would count as somebody being there,
 * and it is announced once, not every second.
 */
export function createWarning(
  keepalive: Pick<Keepalive, 'extend'>,
): (ending: KeepaliveSnapshot['ending'], now: number) => void {
  const warning = byId('warning', HTMLElement);
  const left = byId('warning-left', HTMLElement);
  const announce = byId('announce', HTMLElement);
  let focused: EventTarget | null = null;

  warning.addEventListener('focusin', ({ relatedTarget }) => {
    if (relatedTarget) focused = relatedTarget;
  });
  byId('stay', HTMLButtonElement).addEventListener('click', () => void keepalive.extend());

  return (ending, now) => {
    const isShown = ending !== null;
    const time = formatSeconds(secondsLeft(ending?.at ?? null, now));
    if (isShown) setText(left, time);
    if (isShown !== warning.hidden) return;
    const hadFocus = warning.contains(document.activeElement);
    warning.hidden = !isShown;
    setText(announce, isShown ? `Your session ends in ${time} if you are gone. Any key or touch keeps it.` : '');
    // Back to where the user was typing: the button that they pressed is gone.
    if (hadFocus && focused instanceof HTMLElement) focused.focus();
  };
}
