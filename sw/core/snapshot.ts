import type { EngineSnapshot } from '../protocol.js';
import type { State } from './state.js';
import { wakeAt } from './wake-at.js';

/**
 * What pages are told: all of it, since a state holds public handles and instants, never a secret;
 * and what follows from it.
 */
export const snapshotOf = (state: State, shared: boolean, at: number): State & EngineSnapshot => ({
  ...state,
  at,
  wakeAt: wakeAt(state),
  shared,
});
