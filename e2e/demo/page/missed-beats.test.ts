import { expect, it } from 'vitest';
import { watchMissedBeats } from './missed-beats.js';

it('notes once that a beat is due and nobody is here, and again for the next one', () => {
  const noted: number[] = [];
  const watch = watchMissedBeats(({ at }) => noted.push(at));
  for (const now of [9_000, 12_999, 13_000, 20_000]) watch({ status: 'active', wakeAt: 10_000 }, now);
  expect(noted).toEqual([10_000]);
  watch({ status: 'active', wakeAt: 30_000 }, 34_000);
  watch({ status: 'expired', wakeAt: 50_000 }, 60_000);
  expect(noted).toEqual([10_000, 30_000]);
});
