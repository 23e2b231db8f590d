import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Gap, goBack, inGaps } from './gaps.js';

const gap = fc
  .tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 20 }))
  .map(([from, length]): Gap => ({ from, to: from + length }));

/** The same, counted one by one. */
const counted = (gaps: Gap[], from: number, to: number): number => {
  let total = 0;
  for (let at = from; at < to; at += 1) if (gaps.some((one) => one.from <= at && at < one.to)) total += 1;
  return total;
};

it('counts each instant that lies in gaps once, however they overlap', () => {
  const span = fc.tuple(fc.integer({ min: 0, max: 80 }), fc.integer({ min: 0, max: 80 }));
  fc.assert(
    fc.property(fc.array(gap, { maxLength: 6 }), span, (gaps, [a, b]) => {
      const [from, to] = [Math.min(a, b), Math.max(a, b)];
      expect(inGaps(gaps, from, to)).toBe(counted(gaps, from, to));
    }),
  );
});

it('goes back by the time outside of gaps, so that both ways of judging a limit agree', () => {
  const instants = fc.record({ at: fc.integer({ min: 0, max: 80 }), active: fc.integer({ min: -40, max: 80 }) });
  fc.assert(
    fc.property(
      fc.array(gap, { maxLength: 6 }),
      instants,
      fc.integer({ min: 1, max: 30 }),
      (gaps, { at, active }, span) => {
        fc.pre(active <= at);
        const idle = at - active - inGaps(gaps, active, at);
        // Activity within a gap counts as at its end for the one and at its beginning for the
        // other: both say that it lives.
        expect(active > goBack(gaps, at, span)).toBe(idle < span);
      },
    ),
  );
});
