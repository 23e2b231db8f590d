import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { noticeActivity } from './notice-activity.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A target that counts its listeners and fires events as a person would, or as a script would. */
function place() {
  const listeners = new Map<string, (event: Event) => void>();
  const target = {
    addEventListener: (type: string, listener: (event: Event) => void, options: AddEventListenerOptions) => {
      expect(options).toEqual({ capture: true, passive: true });
      listeners.set(type, listener);
    },
    removeEventListener: (type: string) => listeners.delete(type),
    dispatchEvent: () => true,
  };
  const fire = (type: string, init: object = {}) =>
    listeners.get(type)?.({ type, isTrusted: true, target: {}, ...init } as Event & typeof init);
  return { target, listeners, fire };
}

it('notes the first event, takes the listeners off, and puts them back after the resolution', () => {
  const { target, listeners, fire } = place();
  const log: string[] = [];
  const { observe } = noticeActivity(['keydown', 'wheel'], 5_000, () => log.push('active'));
  observe(target);
  expect(vi.getTimerCount()).toBe(0);
  fire('keydown');
  fire('wheel');
  expect(log).toEqual(['active']);
  expect(listeners.size).toBe(0);
  vi.advanceTimersByTime(4_999);
  expect(listeners.size).toBe(0);
  vi.advanceTimersByTime(1);
  expect(listeners.size).toBe(2);
  expect(vi.getTimerCount()).toBe(0);
  fire('wheel');
  expect(log).toEqual(['active', 'active']);
});

it('does not believe events that a script made', () => {
  const { target, fire } = place();
  const onActivity = vi.fn();
  noticeActivity(['keydown'], 5_000, onActivity).observe(target);
  fire('keydown', { isTrusted: false });
  expect(onActivity).not.toHaveBeenCalled();
});

it('does not believe a pointer that did not move', () => {
  const { target, fire } = place();
  const onActivity = vi.fn();
  noticeActivity(['pointermove'], 5_000, onActivity).observe(target);
  const resting = { movementX: 0, movementY: 0, screenX: 10, screenY: 10 };
  fire('pointermove', resting);
  fire('pointermove', resting);
  expect(onActivity).not.toHaveBeenCalled();
  fire('pointermove', { ...resting, screenX: 11 });
  expect(onActivity).toHaveBeenCalledOnce();
});

it.each(['focusin', 'input'])('counts %s only in a document that has focus', (type) => {
  const { target, fire } = place();
  const onActivity = vi.fn();
  noticeActivity([type], 5_000, onActivity).observe(target);
  fire(type, { target: { ownerDocument: { hasFocus: () => false } } });
  expect(onActivity).not.toHaveBeenCalled();
  fire(type, { target: { ownerDocument: { hasFocus: () => true } } });
  expect(onActivity).toHaveBeenCalledOnce();
});

it('stops observing one target, or all, and leaves no timer', () => {
  const one = place();
  const two = place();
  const notice = noticeActivity(['keydown'], 5_000, () => undefined);
  const undo = notice.observe(one.target);
  notice.observe(two.target);
  undo();
  expect([one.listeners.size, two.listeners.size]).toEqual([0, 1]);
  two.fire('keydown');
  notice.stop();
  expect(two.listeners.size).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});

it('lets go of a frame that has gone to another origin', () => {
  const notice = noticeActivity(['keydown'], 5_000, () => undefined);
  const { target, fire } = place();
  notice.observe(target);
  notice.observe({
    ...target,
    addEventListener: () => {
      throw new DOMException('Blocked', 'SecurityError');
    },
  });
  expect(() => fire('keydown')).not.toThrow();
});
