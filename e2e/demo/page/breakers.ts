import type { Tone } from './demo-event.js';
import { type DemoStatus, press } from './demo-server.js';
import { byId, setText } from './dom.js';

/** Asks the browser to look for a new worker now. */
async function updateWorkers(): Promise<number> {
  const registrations = await navigator.serviceWorker.getRegistrations();
  await Promise.allSettled(registrations.map((registration) => registration.update()));
  return registrations.length;
}

/** The buttons that try to break it. Each notes on the timeline what it did. */
export function createBreakers(
  note: (text: string, tone: Tone) => void,
  changed: () => void,
): { show(status: DemoStatus): void } {
  const power = byId('provider-power', HTMLButtonElement);
  const busy = byId('provider-busy', HTMLButtonElement);
  const kill = byId('kill-worker', HTMLButtonElement);
  let provider: DemoStatus['provider'] = { running: true, busy: false };

  function button(element: HTMLButtonElement, act: () => Promise<void>): void {
    element.addEventListener('click', async () => {
      element.disabled = true;
      try {
        await act();
      } finally {
        element.disabled = false;
        element.focus();
        changed();
      }
    });
  }

  button(kill, async () => {
    if (!('serviceWorker' in navigator) || !(await press('worker/replace'))) return;
    const count = await updateWorkers();
    note(
      count ? 'The worker was killed: a new version took its place' : 'No worker to kill: the engine runs in the page',
      'note',
    );
  });
  button(power, async () => {
    const stop = provider.running;
    if (await press(stop ? 'provider/stop' : 'provider/start')) {
      note(
        stop ? 'The provider was stopped: beats go on, the session is kept' : 'The provider runs again',
        stop ? 'wait' : 'note',
      );
    }
  });
  button(busy, async () => {
    const start = !provider.busy;
    if (await press(start ? 'provider/busy' : 'provider/calm')) {
      note(start ? 'The provider answers 429 from now on' : 'The provider answers again', start ? 'wait' : 'note');
    }
  });
  button(byId('revoke', HTMLButtonElement), async () => {
    if (await press('revoke')) note('The session was revoked at the provider: the next refresh will be refused', 'end');
  });

  return {
    show(status) {
      provider = status.provider;
      setText(power, provider.running ? 'Stop the provider' : 'Start the provider');
      power.setAttribute('aria-pressed', String(!provider.running));
      setText(
        byId('provider-hint', HTMLElement),
        provider.running
          ? 'The provider is running.'
          : 'The provider is stopped. The session lives on until its own limit, and beats back off.',
      );
      setText(busy, provider.busy ? 'Let it answer again' : 'Make it answer 429');
      busy.setAttribute('aria-pressed', String(provider.busy));
    },
  };
}
