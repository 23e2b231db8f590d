import { wakeAt } from './core/schedule.js';
import type { State } from './core/state.js';
import { initialState } from './core/state.js';

/** Version of what is stored. A change that an older engine cannot read bumps it; `frozen` keeps its shape for ever. */
export const STATE_VERSION = 1;

/** What every version understands and keeps: enough to obey. */
interface Frozen {
  epoch: State['epoch'];
  status: State['status'];
  wakeAt: number | null;
  attemptedAt: number | null;
}

interface Stored {
  v: number;
  frozen: Frozen;
  state: unknown;
}

export type Found = 'nothing' | 'ours' | 'newer' | 'corrupted';

type Fields = Record<string, unknown>;
const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const isInstant = (value: unknown): boolean => value === null || isNumber(value);
const STATUSES: unknown[] = ['unknown', 'active', 'expired', 'signed-out'];

function isFrozen(value: unknown): value is Frozen {
  return (
    isFields(value) &&
    isFields(value.epoch) &&
    typeof value.epoch.store === 'string' &&
    isNumber(value.epoch.n) &&
    STATUSES.includes(value.status) &&
    isInstant(value.wakeAt) &&
    isInstant(value.attemptedAt)
  );
}

/** Names that hold text or nothing; every other member that starts as null holds an instant, or is an object listed in `OBJECTS`. */
const TEXTS = ['reason', 'sessionId', 'user', 'endedSessionId', 'refutedSeen'];
const OBJECTS: Record<string, readonly string[]> = {
  epoch: ['n'],
  notBefore: ['at', 'span'],
  wanted: ['at'],
  answered: ['at'],
  settings: ['interval', 'activeWindow', 'minInterval', 'requestTimeout', 'warnBefore'],
};

/** Whether `value` has the shape of a state: each member is of the type that the initial one says. */
function isState(value: unknown): value is State {
  if (!isFields(value) || !STATUSES.includes(value.status)) return false;
  const sample: Fields = { ...initialState('') };
  return Object.keys(sample).every((key) => {
    const member = value[key];
    const numbers = OBJECTS[key];
    if (key === 'seen') return member == null || typeof member === 'string';
    if (TEXTS.includes(key)) return member === null || typeof member === 'string';
    if (numbers) {
      if (member === null) return sample[key] === null;
      return isFields(member) && numbers.every((name) => isNumber(member[name]));
    }
    if (sample[key] === null) return isInstant(member);
    return typeof sample[key] === 'number' ? isNumber(member) : typeof member === typeof sample[key];
  });
}

/** What is stored, as a state; what cannot be read is rebuilt under a new store id, which makes every page ask. */
export function readStored(stored: unknown, newStore: string): { state: State; found: Found } {
  if (stored === undefined) return { state: initialState(newStore), found: 'nothing' };
  const corrupted = { state: initialState(newStore), found: 'corrupted' } as const;
  if (!isFields(stored) || !isNumber(stored.v) || !isFrozen(stored.frozen)) return corrupted;
  const { epoch, status, attemptedAt } = stored.frozen;
  if (stored.v > STATE_VERSION) {
    const known = {
      epoch,
      status,
      attemptedAt,
      toldEpoch: epoch.n,
      dueAt: stored.frozen.wakeAt,
      dueSpan: Number.MAX_SAFE_INTEGER,
    };
    return { state: { ...initialState(epoch.store), ...known }, found: 'newer' };
  }
  const { state } = stored;
  return isState(state) && state.epoch.store === epoch.store ? { state, found: 'ours' } : corrupted;
}

/** What to store. Of a newer version's record only the frozen part is written: its own members are not ours to overwrite. */
export function writeStored(state: State, stored: unknown, found: Found): unknown {
  const { epoch, status, attemptedAt } = state;
  const frozen: Frozen = { epoch, status, attemptedAt, wakeAt: wakeAt(state) };
  if (found === 'newer') return { ...(stored as Stored), frozen };
  return { v: STATE_VERSION, frozen, state } satisfies Stored;
}
