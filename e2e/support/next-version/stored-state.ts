import type { State } from '../../../sw/core/state.js';
import * as today from '../../../sw/stored-state.js';

/** Where the next version keeps all but the frozen part, so that nobody of today can read it. */
const MOVED = 'moved';

/** A record of either version, as one of today: a record of today is taken over. */
function flat(stored: unknown): unknown {
  if (typeof stored !== 'object' || stored === null || !(MOVED in stored)) return stored;
  const { [MOVED]: moved, ...frozen } = stored;
  return { ...Object(moved), ...frozen };
}

export function readStored(stored: unknown, newStore: string, own?: State): ReturnType<typeof today.readStored> {
  return today.readStored(flat(stored), newStore, own);
}

export function writeStored(state: State, stored: unknown, found: today.Found): object {
  const record = today.writeStored(state, flat(stored), found);
  const frozen = ['v', 'epoch', 'status', 'sessionId', 'wakeAt', 'attemptedAt'];
  const part = (isFrozen: boolean) =>
    Object.fromEntries(Object.entries(record).filter(([name]) => frozen.includes(name) === isFrozen));
  return { ...part(true), [MOVED]: part(false) };
}
