import { expect, it } from 'vitest';
import type { DemoEvent } from './demo-event.js';
import { describeEnd } from './describe-end.js';

const beat = (at: number, activity: 'user' | 'none'): DemoEvent => ({
  type: 'beat',
  at,
  why: 'due',
  activity,
  idleMs: 1_000,
});

it('counts from the activity that the last beat reported, not from the beat', () => {
  const events = [beat(10_000, 'user'), beat(21_000, 'user'), beat(40_000, 'none')];
  expect(describeEnd({ reason: 'idle_timeout' }, events, 66_000)).toBe('The last sign of you came 46 s ago.');
});

it('says nothing of the user where the session ended for another reason', () => {
  expect(describeEnd({ reason: 'revoked' }, [beat(10_000, 'user')], 66_000)).toBeNull();
});
