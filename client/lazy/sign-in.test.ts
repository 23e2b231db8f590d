import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { UNKNOWN } from '../state/page-snapshot.js';
import type { KeepaliveSnapshot } from '../types.js';
import { signIn } from './sign-in.js';

let isFocused = false;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('location', new URL('https://app.example/form'));
  vi.stubGlobal('document', { hasFocus: () => isFocused });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** A login in a pop-up, how it ends, and the session as the page knows it. */
function open(popup: { closed: boolean }) {
  const page = { snapshot: UNKNOWN, ended: 'not yet', change: (): void => undefined };
  const session = {
    snapshot: () => page.snapshot,
    subscribe: (listener: () => void) => {
      page.change = listener;
      return () => undefined;
    },
  };
  const look = vi.fn();
  const opened = Object.assign(popup, { location: { href: '' } });
  const outcome = signIn(
    { loginUrl: '/auth/login', name: 'crm' },
    { popup: true },
    opened as object as Window,
    UNKNOWN,
    session,
    look,
  );
  void outcome.then((ended) => {
    page.ended = ended;
  });
  return { page, look, opened };
}

it('waits for a pop-up that only looks closed, while the user is in it', async () => {
  isFocused = false;
  const { page, look, opened } = open({ closed: true });
  expect(opened.location.href).toBe('https://app.example/auth/login?popup=1&name=crm');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(look).not.toHaveBeenCalled();
  page.snapshot = { status: 'active', epoch: { store: 'a', n: 1 } } as KeepaliveSnapshot;
  page.change();
  await vi.advanceTimersByTimeAsync(0);
  expect(page.ended).toBe('alive');
  expect(vi.getTimerCount()).toBe(0);
});

it('looks who is signed in when the user has closed it, and gives up where nobody is', async () => {
  isFocused = true;
  const popup = { closed: false };
  const { page, look } = open(popup);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(look).not.toHaveBeenCalled();
  popup.closed = true;
  await vi.advanceTimersByTimeAsync(500);
  expect(look).toHaveBeenCalledOnce();
  await vi.advanceTimersByTimeAsync(2_000);
  expect(page.ended).toBe('unavailable');
});
