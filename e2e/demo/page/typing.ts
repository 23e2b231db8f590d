import { byId } from './dom.js';

/** Whether anything was typed on this page, the editor's frame included. */
export function watchTyping(): () => boolean {
  let hasTyped = false;
  const typed = (): void => {
    hasTyped = true;
  };
  const frame = byId('plan', HTMLIFrameElement);
  const listenInFrame = (): void => frame.contentDocument?.addEventListener('input', typed);
  document.addEventListener('input', typed);
  frame.addEventListener('load', listenInFrame);
  listenInFrame();
  return () => hasTyped;
}
