import { expect, it } from 'vitest';
import type { AskKind, EngineSnapshot, Outcome } from '../../sw/protocol.js';
import { engineSnapshot } from '../testing/engine-snapshot.js';
import { watchEnd } from './watch-end.js';

/** The server has told at 0 how many seconds are left. */
const left = (facts: EngineSnapshot['facts']) => engineSnapshot({ facts, factsAt: 0 });

function watch(first: EngineSnapshot['facts'], warnBefore = 60) {
  const log: string[] = [];
  let engine = left(first);
  let answer: Outcome = 'unavailable';
  const watching = watchEnd(
    () => engine,
    warnBefore,
    async (kind: AskKind) => {
      log.push(kind);
      return answer;
    },
    (concealed) => log.push(`conceal ${concealed}`),
    () => log.push('change'),
  );
  return {
    log,
    watching,
    set: (change: EngineSnapshot['facts'], outcome: Outcome = 'alive') => {
      engine = left(change);
      answer = outcome;
    },
  };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

it('asks once before a warning is shown, and shows it when the end is still near', async () => {
  const { log, watching } = watch({ idleExpiresIn: 1 });
  expect(watching.check(900)).toBe(940);
  expect(watching.check(940)).toBe(1_000);
  expect(watching.check(941)).toBe(1_000);
  expect(watching.ending()).toBe(null);
  await settled();
  expect(log).toEqual(['warning', 'change']);
  expect(watching.ending()).toEqual({ at: 1_000, why: 'idle', extendable: true });
});

it('shows no warning when the answer has moved the end', async () => {
  const { log, watching, set } = watch({ idleExpiresIn: 1 });
  watching.check(940);
  set({ idleExpiresIn: 2 });
  expect(watching.check(941)).toBe(1_940);
  await settled();
  expect(watching.ending()).toBe(null);
  watching.check(1_940);
  expect(log).toEqual(['warning', 'change', 'warning']);
});

it('never warns with warnBefore 0', () => {
  const { log, watching } = watch({ idleExpiresIn: 1 }, 0);
  expect(watching.check(999)).toBe(1_000);
  expect(log).toEqual([]);
});

it('conceals the page when nobody can say whether the session has ended, asks once, and again when told to', async () => {
  const { log, watching } = watch({ absoluteExpiresIn: 1 }, 0);
  expect(watching.check(1_000)).toBe(Infinity);
  watching.check(1_001);
  await settled();
  watching.check(1_002);
  expect(log).toEqual(['end', 'conceal true']);
  watching.retry();
  watching.check(1_003);
  watching.conceal(false);
  expect(log).toEqual(['end', 'conceal true', 'end', 'conceal false']);
});

it('conceals nothing when the session is over', async () => {
  const { log, watching, set } = watch({ idleExpiresIn: 1 }, 0);
  set({ idleExpiresIn: 1 }, 'ended');
  watching.check(1_000);
  await settled();
  expect(log).toEqual(['end']);
});

it('asks again a second later if the session is said to live and its end stays: the clock that says so is behind', async () => {
  const { log, watching, set } = watch({ idleExpiresIn: 1 }, 0);
  set({ idleExpiresIn: 1 }, 'alive');
  expect(watching.check(1_000)).toBe(Infinity);
  const askedAt = Date.now();
  await settled();
  // After a change the tab plans its next timer.
  expect(log).toEqual(['end', 'change']);
  const again = watching.check(askedAt);
  expect(again).toBeGreaterThanOrEqual(askedAt + 1_000);
  expect(log).toEqual(['end', 'change']);
  set({ idleExpiresIn: 1 }, 'ended');
  expect(watching.check(again)).toBe(Infinity);
  await settled();
  expect(log).toEqual(['end', 'change', 'end']);
});

it('conceals nothing where the end has moved before nobody could say', async () => {
  const { log, watching, set } = watch({ idleExpiresIn: 1 }, 0);
  watching.check(1_000);
  set({ idleExpiresIn: Date.now() }, 'unavailable');
  await settled();
  expect(log).toEqual(['end']);
});
