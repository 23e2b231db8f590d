import type { Tone } from './demo-event.js';
import { type DemoStatus, press } from './demo-server.js';
import { byId, setData, setText } from './dom.js';

/** What a button did, for the timeline. */
type Done = [text: string, tone: Tone];
const FAILED: Done = ['That did not work: the demo’s server did not answer', 'wait'];
const NO_WORKER: Done = ['No worker to kill: the engine runs in the page', 'note'];

/** Asks the browser to look for a new worker now. */
async function updateWorkers(): Promise<number> {
  const registrations = await navigator.serviceWorker.getRegistrations();
  await Promise.allSettled(registrations.map((registration) => registration.update()));
  return registrations.length;
}

/**
 * The buttons that try to break it. Each notes on the timeline what it did, or that it could not.
 */
export function createBreakers(
  note: (text: string, tone: Tone) => void,
  changed: () => void,
): { show(status: DemoStatus): void } {
  const power = byId('provider-power', HTMLButtonElement);
  const busy = byId('provider-busy', HTMLButtonElement);
  const kill = byId('kill-worker', HTMLButtonElement);
  let provider: DemoStatus['provider'] = { running: true, busy: false };

  /**
   * Acts once at a time. The button stays enabled and keeps its focus: who has gone on typing
   * meanwhile is not called back.
   */
  function button(element: HTMLButtonElement, act: () => Promise<Done | false>): void {
    let isBusy = false;
    element.addEventListener('click', async () => {
      if (isBusy) return;
      isBusy = true;
      note(...((await act()) || FAILED));
      isBusy = false;
      changed();
    });
  }

  button(kill, async () => {
    if (!('serviceWorker' in navigator)) return NO_WORKER;
    if (!(await press('worker/replace'))) return false;
    return (await updateWorkers()) ? ['The worker was killed: a new version took its place', 'note'] : NO_WORKER;
  });
  button(power, async () => {
    const stop = provider.running;
    if (!(await press(stop ? 'provider/stop' : 'provider/start'))) return false;
    return stop
      ? ['The provider was stopped: beats go on, the session is kept', 'wait']
      : ['The provider runs again', 'note'];
  });
  button(busy, async () => {
    const start = !provider.busy;
    if (!(await press(start ? 'provider/busy' : 'provider/calm'))) return false;
    return start ? ['The provider answers 429 from now on', 'wait'] : ['The provider answers again', 'note'];
  });
  button(
    byId('revoke', HTMLButtonElement),
    async () =>
      (await press('revoke')) && ['The session was revoked at the provider: the next refresh will be refused', 'end'],
  );

  const hints = { power: byId('provider-hint', HTMLElement), busy: byId('busy-hint', HTMLElement) };
  return {
    show(status) {
      provider = status.provider;
      setText(power, provider.running ? 'Stop the provider' : 'Start the provider');
      setData(power, 'on', String(!provider.running));
      setText(
        hints.power,
        provider.running
          ? 'It is running. Without it nothing can be refreshed.'
          : 'It is stopped. Nobody is logged out: the session lives on until a limit of its own.',
      );
      setText(busy, provider.busy ? 'Let it answer again' : 'Make it answer 429');
      setData(busy, 'on', String(provider.busy));
      setText(
        hints.busy,
        provider.busy
          ? 'It answers 429. Nobody is logged out, and nobody asks sooner than it said.'
          : 'Too many requests: a reason to wait, not the end of a session.',
      );
    },
  };
}
