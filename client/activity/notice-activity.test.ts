import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { quietly } from './is-activity.js';
import { noticeActivity } from './notice-activity.js';

let started = 0;

const noticing = (types: string[], onActivity: (age: number) => void, trustFor = 0) =>
  noticeActivity(
    types,
    5_000,
    onActivity,
    () => trustFor,
    () => undefined,
  );

beforeEach(() => {
  vi.useFakeTimers();
  // The clock of a page never goes back.
  started += 10_000;
  vi.advanceTimersByTime(started);
});
afterEach(() => {
  vi.useRealTimers();
});

/**
 * A target that counts its listeners and fires events as a person would, or as a script would;
 * `frames` are in it.
 */
function place(frames: object[] = []) {
  const listeners = new Map<string, (event: Event) => void>();
  const loading = new Set<(event: Event) => void>();
  const target = {
    querySelectorAll: () => frames,
    addEventListener: (type: string, listener: (event: Event) => void, options: AddEventListenerOptions) => {
      if (type === 'load') return void loading.add(listener);
      expect(options).toMatchObject({ capture: true, passive: true });
      if (options.signal?.aborted) return;
      listeners.set(type, listener);
      options.signal?.addEventListener('abort', () => listeners.delete(type));
    },
    removeEventListener: (type: string, listener: (event: Event) => void) => {
      if (!loading.delete(listener)) listeners.delete(type);
    },
    dispatchEvent: () => true,
  };
  const load = (frame: object) => {
    for (const listener of loading) listener({ type: 'load', target: frame } as Event & { target: EventTarget });
  };
  const fire = (type: string, init: object = {}) =>
    listeners.get(type)?.({ type, isTrusted: true, target: {}, currentTarget: target, ...init } as Event & typeof init);
  return { target, listeners, fire, load };
}

it('notes the first event, takes off the listeners that fire again, and puts them back after the resolution', () => {
  const { target, listeners, fire } = place();
  const log: string[] = [];
  const { observe } = noticing(['keydown', 'wheel', 'paste'], () => log.push('active'));
  observe(target);
  expect(vi.getTimerCount()).toBe(0);
  fire('keydown');
  expect([log, listeners.size]).toEqual([[], 3]);
  vi.advanceTimersByTime(0);
  expect(log).toEqual(['active']);
  fire('keydown');
  fire('wheel');
  expect([...listeners.keys()]).toEqual(['paste']);
  vi.advanceTimersByTime(4_999);
  expect(listeners.size).toBe(1);
  vi.advanceTimersByTime(1);
  expect(listeners.size).toBe(3);
  expect(vi.getTimerCount()).toBe(0);
  expect(log).toEqual(['active']);
  fire('wheel');
  vi.advanceTimersByTime(0);
  expect(log).toEqual(['active', 'active']);
  const putBack = vi.spyOn(target, 'addEventListener');
  vi.advanceTimersByTime(5_000);
  expect(putBack).not.toHaveBeenCalled();
});

it('observes again what has gone meanwhile, but not where observing has ended', () => {
  const one = place();
  const two = place();
  const { observe } = noticing(['keydown'], () => undefined);
  const undo = observe(one.target);
  observe(two.target);
  one.fire('keydown');
  one.fire('keydown');
  two.fire('keydown');
  expect([one.listeners.size, two.listeners.size]).toEqual([0, 0]);
  undo();
  vi.advanceTimersByTime(5_000);
  expect([one.listeners.size, two.listeners.size]).toEqual([0, 1]);
});

it('does at once what is still to do when the page goes away, and once', () => {
  const { target, fire } = place();
  const onActivity = vi.fn();
  const notice = noticing(['keydown'], onActivity);
  notice.observe(target);
  notice.flush();
  expect(onActivity).not.toHaveBeenCalled();
  fire('keydown');
  notice.flush();
  vi.advanceTimersByTime(10);
  expect(onActivity).toHaveBeenCalledOnce();
});

it('does not believe a focus that the application moves while it is called back', () => {
  const { target, fire } = place();
  const onActivity = vi.fn();
  noticing(['focusin'], onActivity).observe(target);
  const focus = () => fire('focusin', { target: { ownerDocument: { hasFocus: () => true } } });
  quietly(focus);
  // A framework shows in a later task what the callback has changed.
  vi.advanceTimersByTime(999);
  focus();
  vi.advanceTimersByTime(0);
  expect(onActivity).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  focus();
  vi.advanceTimersByTime(0);
  expect(onActivity).toHaveBeenCalledOnce();
});

it('does not believe events that a script made', () => {
  const { target, fire } = place();
  const onActivity = vi.fn();
  noticing(['keydown'], onActivity).observe(target);
  fire('keydown', { isTrusted: false });
  vi.advanceTimersByTime(0);
  expect(onActivity).not.toHaveBeenCalled();
});

it('does not believe a pointer that did not move', () => {
  const { target, fire } = place();
  const onActivity = vi.fn();
  noticing(['pointermove'], onActivity).observe(target);
  const resting = { movementX: 0, movementY: 0, screenX: 10, screenY: 10 };
  fire('pointermove', resting);
  fire('pointermove', resting);
  vi.advanceTimersByTime(0);
  expect(onActivity).not.toHaveBeenCalled();
  fire('pointermove', { ...resting, screenX: 11 });
  vi.advanceTimersByTime(0);
  expect(onActivity).toHaveBeenCalledOnce();
});

it('does not believe a pointer that came to rest unheard, after a gesture', () => {
  const { target, fire } = place();
  const onActivity = vi.fn();
  noticing(['pointermove'], onActivity).observe(target);
  fire('pointermove', { movementX: 5, movementY: 0, screenX: 10, screenY: 10 });
  fire('pointermove', { movementX: 5, movementY: 0, screenX: 500, screenY: 10 });
  vi.advanceTimersByTime(1_500_000);
  fire('pointermove', { movementX: 0, movementY: 0, screenX: 500, screenY: 10 });
  vi.advanceTimersByTime(0);
  expect(onActivity).toHaveBeenCalledOnce();
});

it.each(['focusin', 'input'])('counts %s only in a document that has focus', (type) => {
  const { target, fire } = place();
  const onActivity = vi.fn();
  noticing([type], onActivity).observe(target);
  fire(type, { target: { ownerDocument: { hasFocus: () => false } } });
  vi.advanceTimersByTime(0);
  expect(onActivity).not.toHaveBeenCalled();
  fire(type, { target: { ownerDocument: { hasFocus: () => true } } });
  vi.advanceTimersByTime(0);
  expect(onActivity).toHaveBeenCalledOnce();
});

it('stops observing one target, or all, and leaves no timer', () => {
  const one = place();
  const two = place();
  const notice = noticing(['keydown'], () => undefined);
  const undo = notice.observe(one.target);
  notice.observe(two.target);
  undo();
  expect([one.listeners.size, two.listeners.size]).toEqual([0, 1]);
  two.fire('keydown');
  vi.advanceTimersByTime(0);
  notice.stop();
  expect(two.listeners.size).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});

it('lets go of a frame that is of another origin, or has gone to one', () => {
  const blocked = () => {
    throw new DOMException('Blocked', 'SecurityError');
  };
  const { observe } = noticing(['keydown'], () => undefined);
  const { target, fire } = place();
  expect(() => observe({ ...target, addEventListener: blocked })).not.toThrow();
  observe(target);
  fire('keydown');
  fire('keydown');
  target.addEventListener = blocked;
  expect(() => vi.advanceTimersByTime(5_000)).not.toThrow();
});

it('observes the frames of a shadow root, those that are there and those that load, and one by hand', () => {
  const frame = () => {
    const inside = place();
    const element = { ...place().target, contentDocument: {}, contentWindow: inside.target };
    return { element, inside };
  };
  const [there, added, byHand] = [frame(), frame(), frame()];
  const root = place([there.element]);
  const { observe } = noticing(['keydown'], () => undefined);
  const undos = [observe(root.target), observe(byHand.element)];
  root.load({ tagName: 'IMG' });
  root.load(added.element);
  const inside = [there, added, byHand].map((one) => one.inside.listeners);
  expect(inside.map(({ size }) => size)).toEqual([1, 1, 1]);
  // It has lost its listeners with its document.
  added.inside.listeners.clear();
  root.load(added.element);
  expect(added.inside.listeners.size).toBe(1);
  for (const undo of undos) undo();
  root.load(added.element);
  expect(inside.map(({ size }) => size)).toEqual([0, 0, 0]);
});

it('puts a listener back once, however often an event meets it, and leaves one on that cannot be taken off', () => {
  const { target, fire } = place();
  target.removeEventListener = () => undefined;
  const putBack = vi.spyOn(target, 'addEventListener');
  noticing(['keydown'], () => undefined).observe(target);
  putBack.mockClear();
  for (let i = 0; i < 10; i += 1) {
    for (let key = 0; key < 10; key += 1) fire('keydown');
    vi.advanceTimersByTime(5_000);
  }
  expect(putBack).not.toHaveBeenCalled();
});

it('goes on where a listener may not be taken off, and hears nothing of it once observing has ended', () => {
  const { target, fire } = place();
  target.removeEventListener = () => {
    throw new Error('Not here.');
  };
  const onActivity = vi.fn();
  const notice = noticing(['keydown'], onActivity);
  notice.observe(target);
  for (let key = 0; key < 3; key += 1) fire('keydown');
  vi.advanceTimersByTime(5_000);
  fire('keydown');
  vi.advanceTimersByTime(0);
  expect(onActivity).toHaveBeenCalledTimes(2);
  notice.stop();
  fire('keydown');
  expect(vi.getTimerCount()).toBe(0);
});

it('says how long ago an event happened, by its own time stamp, whatever the task then takes', () => {
  const { target, fire } = place();
  const ages: number[] = [];
  noticing(['keydown', 'wheel'], (age) => ages.push(age)).observe(target);
  fire('keydown', { timeStamp: performance.now() - 3_000 });
  // Of what has waited with it the latest counts.
  fire('wheel', { timeStamp: performance.now() - 2_000 });
  fire('wheel', { timeStamp: performance.now() - 1_500 });
  vi.advanceTimersByTime(0);
  expect(ages).toEqual([1_500]);
});

it.each([Number.NaN, -5, 0, 2 ** 52, Date.UTC(2026)])('takes a time stamp of %d for now', (timeStamp) => {
  const { target, fire } = place();
  const ages: number[] = [];
  noticing(['keydown'], (age) => ages.push(age)).observe(target);
  fire('keydown', { timeStamp });
  vi.advanceTimersByTime(0);
  expect(ages).toEqual([0]);
});

it('reads the time stamp of an event in a frame by the clock of that frame', () => {
  const { target, fire } = place();
  const ages: number[] = [];
  noticing(['keydown'], (age) => ages.push(age)).observe(Object.assign(target, { performance: { now: () => 900 } }));
  fire('keydown', { timeStamp: 500 });
  vi.advanceTimersByTime(0);
  expect(ages).toEqual([400]);
});

it('does not take the age of an event that a script dispatches again and again for that of the activity', () => {
  const { target, fire } = place();
  const ages: number[] = [];
  const field = { ownerDocument: { hasFocus: () => true }, getRootNode: () => ({ activeElement: field }) };
  noticing(['keydown', 'input'], (age) => ages.push(age), 60_000).observe(target);
  const made = { isTrusted: false, target: field, timeStamp: performance.now() - 9_000 };
  // A script answers the key with an event that it has made long ago, as masks of fields do.
  fire('keydown', { timeStamp: performance.now() });
  fire('input', made);
  vi.advanceTimersByTime(5_000);
  // The text of an extension that keeps its event.
  fire('input', made);
  vi.advanceTimersByTime(0);
  expect(ages).toEqual([0, 0]);
});

it('counts an event that a script hands on later, when it no longer says where it is heard', () => {
  const { target, fire, listeners } = place();
  const onActivity = vi.fn();
  noticing(['keydown', 'input'], onActivity).observe(target);
  fire('input', { currentTarget: null, target: null });
  for (let key = 0; key < 2; key += 1) fire('keydown', { currentTarget: null });
  expect([...listeners.keys()]).toEqual(['input']);
  vi.advanceTimersByTime(5_000);
  expect(onActivity).toHaveBeenCalledOnce();
  expect([...listeners.keys()]).toEqual(['input', 'keydown']);
});
