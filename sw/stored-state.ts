import { MAX_RETRY_AFTER_MS } from './core/backoff.js';
import { initialState, type State } from './core/state.js';
import { wakeAt } from './core/wake-at.js';
import { isLike, isSettings, isStatus } from './protocol.js';

/** The version of the stored record. A change that an older engine cannot read needs a new one. */
export const STATE_VERSION = 1;

/** The members that, with `status`, every version understands. An older engine obeys them. */
const FROZEN = { v: 0, epoch: { store: '', n: 0 }, sessionId: null, wakeAt: 0, attemptedAt: 0 };
type Frozen = typeof FROZEN & Pick<State, 'status' | 'sessionId'> & Partial<Pick<State, 'sentAt'>>;

export type Found = 'nothing' | 'ours' | 'newer' | 'corrupted';

/**
 * Tells if a value has the members that every version understands. The epoch must be able to grow:
 * above 2^53 adding one may change nothing.
 */
const isFrozen = (value: unknown): value is Frozen =>
  isLike(value, FROZEN) && isStatus((value as Frozen).status) && (value as Frozen).epoch.n < 2 ** 52;

/**
 * Tells if every wait is as short as the engine's rules allow. A longer one would silence all tabs.
 */
function isSound({ settings, due, notBefore: { span, order } }: State): boolean {
  const longest = Math.max(MAX_RETRY_AFTER_MS, settings.interval, settings.minInterval);
  return isSettings(settings) && Math.max(due.span, span) <= longest && order <= span;
}

/**
 * Reads the stored record as a state. A record that cannot be read is replaced by a new state under
 * a new store id, which makes every page ask. Of a newer version's record only the members that
 * every version understands are read. The rest comes from `own`, this engine's last state of the
 * same epoch.
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
    // An ask that is older than the newer engine's latest request does not tell what its page sees
    // now.
    if (isLike(sentAt, 0)) state.answered = { ...state.answered, sentAt: sentAt as number };
    return { state: { ...(isSame ? own : state), ...obeyed }, found: 'newer' };
  }
  // An older engine's record lacks the members that were added within this version.
  const filled = { sentAt: 0, unansweredAt: 0, ...known };
  return isLike(filled, state) && isSound(filled as State)
    ? { state: filled as State, found: 'ours' }
    : { state, found: 'corrupted' };
}

/**
 * Returns the record to store. Of a newer version's record only the members that every version
 * understands are changed.
 */
export function writeStored(state: State, stored: unknown, found: Found): object {
  const { epoch, status, sessionId, attemptedAt, sentAt } = state;
  const frozen = { epoch, status, sessionId, attemptedAt, sentAt, wakeAt: wakeAt(state) };
  return found === 'newer' ? { ...(stored as Frozen), ...frozen } : { ...state, ...frozen, v: STATE_VERSION };
}
