import type { Keepalive } from '../../../client/types.js';
import { byId, setText } from './dom.js';

/**
 * The form worth typing into. A refused hand-in asks whether the session is over instead of
 * throwing the text away.
 */
export function runApplicationForm(keepalive: Pick<Keepalive, 'unauthorized'>): void {
  const form = byId('form', HTMLFormElement);
  const result = byId('form-result', HTMLElement);
  const summary = byId('summary', HTMLTextAreaElement);
  const count = byId('summary-count', HTMLElement);
  summary.addEventListener('input', () => setText(count, summary.value.length.toLocaleString('en')));

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const project = byId('project', HTMLInputElement);
    if (!project.value.trim()) {
      setText(result, 'Give the project a title first.');
      project.focus();
      return;
    }
    const plan = byId('plan', HTMLIFrameElement).contentDocument?.getElementById('text')?.textContent ?? '';
    const fields = { ...Object.fromEntries(new FormData(form)), plan };
    try {
      const response = await fetch('/demo/applications', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'X-Stillhere-Demo': '1' },
        body: JSON.stringify(fields),
      });
      if (response.ok) setText(result, 'Handed in. The session was alive, and nothing was lost.');
      else if (response.status !== 401)
        setText(result, 'The server cannot take it just now. Your text is still here: try again.');
      else if ((await keepalive.unauthorized()) === 'alive')
        setText(result, 'Refused for now. Your text is still here: try again.');
      else setText(result, 'Not handed in: the session is over. Your text is still here.');
    } catch {
      setText(result, 'The server does not answer. Your text is still here: try again.');
    }
  });
}
