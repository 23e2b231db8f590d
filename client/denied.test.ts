import { expect, it, vi } from 'vitest';
import { fakePage } from './testing/fake-page.js';
import { run, setUpPage, status, until } from './testing/run-keepalive.js';

setUpPage();

it('runs the engine in the page where the registration of the worker hangs', async () => {
  const registering = vi.fn(() => new Promise(() => undefined));
  const { endpoint, beats, press } = fakePage(
    Object.assign(new EventTarget(), { register: registering, getRegistration: async () => undefined }),
  );
  const { keepalive } = run({ endpoint, worker: '/assets/stillhere-sw.js' });
  const extended = keepalive.extend();
  await until(() => expect(registering).toHaveBeenCalled());
  await vi.advanceTimersByTimeAsync(10_000);
  await status(keepalive, 'active');
  expect(await extended).toBe('alive');
  expect(keepalive.snapshot().host).toBe('page');
  const before = beats.length;
  await vi.advanceTimersByTimeAsync(65_000);
  press();
  await until(() => expect(beats.length).toBeGreaterThan(before));
});

it('keeps the session where the browser denies channels', async () => {
  const { endpoint, beats, press } = fakePage();
  vi.stubGlobal(
    'BroadcastChannel',
    class {
      constructor() {
        throw new DOMException('Denied.', 'SecurityError');
      }
    },
  );
  const { keepalive, log } = run({ endpoint });
  await status(keepalive, 'active');
  await vi.advanceTimersByTimeAsync(65_000);
  press();
  await until(() => expect(log.filter((entry) => !entry.startsWith('ping'))).toEqual(['refreshed', 'refreshed']));
  expect(beats).toHaveLength(2);
});

it('does nothing, and throws nothing, in a sandboxed frame that is denied its origin', async () => {
  const denied = {
    get: () => {
      throw new DOMException('Denied.', 'SecurityError');
    },
  };
  const { endpoint, window, document, beats } = fakePage();
  Object.assign(window, { origin: 'null' });
  Object.defineProperty(document, 'cookie', denied);
  Object.defineProperty(navigator, 'serviceWorker', denied);
  const { keepalive, log } = run({ endpoint, worker: '/assets/stillhere-sw.js' });
  expect(await keepalive.extend()).toBe('unavailable');
  await keepalive.signedOut();
  await keepalive.stop({ forget: true });
  expect([keepalive.snapshot().host, beats, log]).toEqual(['none', [], []]);
});
