import { expect, it } from 'vitest';
import { activeState, T0 } from '../model/build-state.js';
import type { Epoch } from '../protocol.js';
import { transition } from './transition.js';

const told = (epoch: Epoch) =>
  transition(activeState({ epoch: { store: 'store-1', n: 5 }, toldEpoch: 3 }), {
    type: 'told',
    epoch,
    at: T0,
    random: 0,
    checkable: true,
  });

it('takes what was told out of the outbox, and nothing that is newer', () => {
  const step = told({ store: 'store-1', n: 4 });
  expect(step.state.toldEpoch).toBe(4);
  expect(step).toEqual({ state: step.state, outcome: 'unavailable' });
});

it('never puts anything back', () => {
  expect(told({ store: 'store-1', n: 2 }).state.toldEpoch).toBe(3);
});

it("leaves the outbox alone where another storage's news was told", () => {
  expect(told({ store: 'store-2', n: 5 }).state.toldEpoch).toBe(3);
});
