import { snapshotOf } from './core/snapshot.js';
import { initialState, type State } from './core/state.js';
import { isLike, isStatus } from './protocol.js';

/** Version of what is stored. A change that an older engine cannot read bumps it. */
export const STATE_VERSION = 1;

/** What every version understands and keeps for ever, with `status`: enough to obey. */
const FROZEN = { v: 0, epoch: { store: '', n: 0 }, wakeAt: 0, attemptedAt: 0 };
type Frozen = typeof FROZEN & Pick<State, 'status'>;

export type Found = 'nothing' | 'ours' | 'newer' | 'corrupted';

const isFrozen = (value: unknown): value is Frozen => isLike(value, FROZEN) && isStatus((value as Frozen).status);

/**
 * What is stored, as a state; what cannot be read is rebuilt under a new store id, which makes every page ask. Of a newer version's record the
 * frozen part is obeyed, and `own`, what this engine itself knows of the same epoch, stands for the rest.
 */
export function readStored(stored: unknown, newStore: string, own?: State): { state: State; found: Found } {
  const state = initialState(newStore);
  if (stored === undefined) return { state, found: 'nothing' };
  if (!isFrozen(stored)) return { state, found: 'corrupted' };
  const { v, wakeAt, ...known } = stored;
  if (v > STATE_VERSION) {
    const { epoch, status, attemptedAt } = known;
    const obeyed = { epoch, status, attemptedAt, toldEpoch: epoch.n, dueAt: wakeAt, dueSpan: Infinity };
    const isSame = own?.epoch.store === epoch.store && own.epoch.n === epoch.n;
    return { state: { ...(isSame ? own : state), ...obeyed }, found: 'newer' };
  }
  return isLike(known, state) ? { state: known as State, found: 'ours' } : { state, found: 'corrupted' };
}

/** What to store. Of a newer version's record only the frozen part is written: its own members are not ours to overwrite. */
export function writeStored(state: State, stored: unknown, found: Found): object {
  const { shared: _, ...own } = snapshotOf(state, true);
  const { epoch, status, attemptedAt, wakeAt } = own;
  return found === 'newer'
    ? { ...(stored as Frozen), epoch, status, attemptedAt, wakeAt }
    : { ...own, v: STATE_VERSION };
}
