import { MAX_RETRY_AFTER_MS } from './core/backoff.js';
import { initialState, type State } from './core/state.js';
import { wakeAt } from './core/wake-at.js';
import { isLike, isSettings, isStatus } from './protocol.js';

/** Version of what is stored. A change that an older engine cannot read bumps it. */
export const STATE_VERSION = 1;

/** What every version understands and keeps for ever, with `status`: enough to obey. */
const FROZEN = { v: 0, epoch: { store: '', n: 0 }, sessionId: null, wakeAt: 0, attemptedAt: 0 };
type Frozen = typeof FROZEN & Pick<State, 'status' | 'sessionId'> & Partial<Pick<State, 'sentAt'>>;

export type Found = 'nothing' | 'ours' | 'newer' | 'corrupted';

/** A number that no longer grows by one could tell of no further change. */
const isFrozen = (value: unknown): value is Frozen =>
  isLike(value, FROZEN) && isStatus((value as Frozen).status) && (value as Frozen).epoch.n < 2 ** 52;

/**
 * No engine writes a span that is longer than what its rules allow: one would silence every tab.
 */
function isSound({ settings, due, notBefore: { span, order } }: State): boolean {
  const longest = Math.max(MAX_RETRY_AFTER_MS, settings.interval, settings.minInterval);
  return isSettings(settings) && Math.max(due.span, span) <= longest && order <= span;
}

/**
 * What is stored, as a state; what cannot be read is rebuilt under a new store id, which makes
 * every page ask. Of a newer version's record the frozen part is obeyed, and `own`, what this
 * engine itself knows of the same epoch, stands for the rest.
 */
export function readStored(stored: unknown, newStore: string, own?: State): { state: State; found: Found } {
  const state = initialState(newStore);
  if (stored === undefined) return { state, found: 'nothing' };
  if (!isFrozen(stored)) return { state, found: 'corrupted' };
  const { v, wakeAt, ...known } = stored;
  if (v > STATE_VERSION) {
    const { epoch, status, sessionId, attemptedAt, sentAt } = known;
    const obeyed = { epoch, status, sessionId, attemptedAt, toldEpoch: epoch.n, due: { at: 0, span: wakeAt } };
    const isSame = own?.epoch.store === epoch.store && own.epoch.n === epoch.n;
    // An ask from before the newer engine's latest request says nothing of what its page sees now.
    if (isLike(sentAt, 0)) state.answered = { ...state.answered, sentAt: sentAt as number };
    return { state: { ...(isSame ? own : state), ...obeyed }, found: 'newer' };
  }
  // Members that were added within this version: an older engine's record is without them.
  const filled = { sentAt: 0, unansweredAt: 0, ...known };
  return isLike(filled, state) && isSound(filled as State)
    ? { state: filled as State, found: 'ours' }
    : { state, found: 'corrupted' };
}

/**
 * What to store. Of a newer version's record only the frozen part is written: its own members are
 * not ours to overwrite.
 */
export function writeStored(state: State, stored: unknown, found: Found): object {
  const { epoch, status, sessionId, attemptedAt, sentAt } = state;
  const frozen = { epoch, status, sessionId, attemptedAt, sentAt, wakeAt: wakeAt(state) };
  return found === 'newer' ? { ...(stored as Frozen), ...frozen } : { ...state, ...frozen, v: STATE_VERSION };
}
