import type { EngineSnapshot } from '../protocol.js';
import type { State } from './state.js';
import { wakeAt } from './wake-at.js';

/**
 * Makes the snapshot that pages are told. It holds the whole state, which has public ids and
 * instants but no secret, and the values that follow from it.
 */
export const snapshotOf = (state: State, shared: boolean, at: number): State & EngineSnapshot => ({
  ...state,
  at,
  wakeAt: wakeAt(state),
  shared,
});
