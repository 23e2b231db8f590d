import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { isActivity } from './is-activity.js';

const TRUST_MS = 10_000;
let started = 0;
beforeEach(() => {
  vi.useFakeTimers();
  // The clock of a page never goes back.
  started += 100_000;
  vi.advanceTimersByTime(started);
});
afterEach(() => {
  vi.useRealTimers();
});

/** A field of a page: in use, if its document has the focus and the field has it there. */
function field({ isFocused = true, isInFront = true } = {}) {
  const target = {
    ownerDocument: { hasFocus: () => isInFront },
    getRootNode: () => ({ activeElement: isFocused ? target : null }),
  };
  return target;
}

function happens(type: string, isTrusted: boolean, target: object = field()): boolean {
  const event: Event = Object.create(new Event(type), {
    type: { value: type },
    isTrusted: { value: isTrusted },
    target: { value: target },
  });
  return isActivity(event, () => TRUST_MS);
}
const typed = (target?: object) => happens('input', true, target);
const dictated = (target?: object) => happens('input', false, target);

it('counts the input of an extension for one idle limit after a trusted event, and is not prolonged by it', () => {
  expect(dictated()).toBe(false);
  expect(typed()).toBe(true);
  for (let ms = 0; ms < TRUST_MS; ms += 500) {
    vi.advanceTimersByTime(500);
    expect(dictated()).toBe(true);
  }
  vi.advanceTimersByTime(1);
  expect(dictated()).toBe(false);
  expect(happens('keydown', true)).toBe(true);
  expect(dictated()).toBe(true);
});

it('counts the input of an extension only in the field that has the focus, in a document that has it', () => {
  expect(typed()).toBe(true);
  expect(dictated(field({ isFocused: false }))).toBe(false);
  expect(dictated(field({ isInFront: false }))).toBe(false);
  expect(dictated({ ownerDocument: { hasFocus: () => true } })).toBe(false);
  expect(dictated()).toBe(true);
});

it('counts no other event that a script dispatches', () => {
  expect(typed()).toBe(true);
  for (const type of ['keydown', 'pointerdown', 'pointermove', 'focusin', 'paste', 'compositionupdate'])
    expect(happens(type, false)).toBe(false);
});
