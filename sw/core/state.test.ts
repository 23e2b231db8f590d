import { expect, it } from 'vitest';
import { initialState } from './state.js';

it('of a new storage: nobody was asked, nothing went wrong, nothing is wanted', () => {
  expect(initialState('new')).toMatchObject({
    status: 'unknown',
    epoch: { store: 'new', n: 0 },
    toldEpoch: 0,
    answered: { at: 0, sentAt: 0, outcome: 'unavailable', code: '' },
    wanted: { why: null },
    failures: 0,
  });
});
