/** The rich-text editor in its frame: nothing here knows of Stillhere, which is the point. */
import { byId, setData } from './dom.js';

export function runEditor(): void {
  const text = byId('text', HTMLDivElement);
  const buttons = [...document.querySelectorAll<HTMLButtonElement>('[data-command]')];

  function showState(): void {
    for (const button of buttons) {
      button.setAttribute('aria-pressed', String(document.queryCommandState(button.dataset.command ?? '')));
    }
  }

  /** One stop in the tab order; the arrow keys move within the bar. */
  function moveTo(index: number): void {
    const next = buttons[(index + buttons.length) % buttons.length];
    for (const button of buttons) button.tabIndex = button === next ? 0 : -1;
    next?.focus();
  }

  buttons.forEach((button, index) => {
    button.addEventListener('click', () => {
      text.focus();
      document.execCommand(button.dataset.command ?? '');
      showState();
    });
    button.addEventListener('keydown', (event) => {
      if (event.key === 'ArrowRight') moveTo(index + 1);
      if (event.key === 'ArrowLeft') moveTo(index - 1);
    });
  });
  document.addEventListener('selectionchange', showState);
  text.addEventListener('input', () => setData(text, 'empty', String(text.textContent === '')));
}
