import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { initialState } from './core/state.js';
import { transition } from './core/transition.js';
import { wakeAt } from './core/wake-at.js';
import {
  activeState,
  alive,
  answers,
  asks,
  buildAsk,
  buildState,
  MINUTE,
  sends,
  skipped,
  T0,
} from './model/build-state.js';
import { readStored, STATE_VERSION, writeStored } from './stored-state.js';

const full = activeState({
  notBefore: { at: T0, span: 5, order: 5 },
  wanted: { why: 'extend', at: T0, tried: false },
  answered: { at: T0, sentAt: T0, outcome: 'alive', code: 'ok' },
  facts: { idleExpiresIn: 60 },
  factsAt: T0,
});
/** Members that an engine before them did not store. */
const ADDED = ['sentAt', 'unansweredAt'];

/** What an engine of ours stores: through a structured clone, as IndexedDB does it. */
const stored = (state = full) => structuredClone(writeStored(state, undefined, 'nothing')) as Record<string, unknown>;

describe('what is stored', () => {
  it('comes back as it was', () => {
    for (const state of [full, activeState(), buildState(), buildState({ seen: null })]) {
      expect(readStored(stored(state), 'new')).toEqual({ state, found: 'ours' });
    }
  });

  it('starts as unknown under a new store id where there is nothing', () => {
    expect(readStored(undefined, 'new')).toEqual({ state: initialState('new'), found: 'nothing' });
  });

  it('is filled in where an engine of before did not store a member', () => {
    const { sentAt: _, unansweredAt: __, ...older } = stored();
    expect(readStored(older, 'new')).toEqual({ state: full, found: 'ours' });
  });

  it('holds the frozen part that every version understands', () => {
    expect(stored()).toMatchObject({
      v: STATE_VERSION,
      epoch: full.epoch,
      status: 'active',
      wakeAt: wakeAt(full),
      attemptedAt: 0,
    });
  });
});

describe('corrupted state', () => {
  it.each(Object.keys(full))('is rebuilt under a new store id where `%s` is missing or of another type', (member) => {
    // Facts are the server's, and each may be missing.
    const other = member === 'facts' ? 'none' : { not: 'this' };
    const broken = { ...stored(), [member]: other };
    expect(readStored(broken, 'new')).toEqual({ state: initialState('new'), found: 'corrupted' });
    if (initialState('new')[member as 'seen'] == null) return;
    const { [member]: _, ...rest } = stored();
    expect(readStored(rest, 'new').found).toBe(ADDED.includes(member) ? 'ours' : 'corrupted');
  });

  it.each<[string, unknown]>([
    ['a status of another name', { status: 'living' }],
    ['an instant that is no number', { due: { at: Number.NaN, span: 5 } }],
    ['a hold without its instant', { notBefore: { span: 5, order: 5 } }],
    ['an epoch without its store', { epoch: { n: 1 } }],
    ['an epoch that cannot grow', { epoch: { store: 'store-1', n: 2 ** 53 } }],
    ['a beat due in a thousand years', { due: { at: T0, span: 2 ** 53 } }],
    ['an order that outlasts its hold', { notBefore: { at: T0, span: 5, order: 6 } }],
    ['a hold for ever', { notBefore: { at: T0, span: 2 ** 53, order: 0 } }],
    ['an interval without an end', { settings: { ...full.settings, interval: Infinity } }],
    ['an interval that is no number', { settings: { ...full.settings, interval: 'x' } }],
  ])('is rebuilt: %s', (_, change) => {
    expect(readStored({ ...stored(), ...(change as object) }, 'new').found).toBe('corrupted');
  });

  it('never throws, decides and can be written again, whatever is found', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true, withDate: true, withMap: true }), (garbage) => {
        const { state, found } = readStored(garbage, 'new');
        expect(state.status).toBe('unknown');
        const { state: after } = asks(state, T0, 'hello');
        expect(readStored(writeStored(after, garbage, found), 'other').state).toEqual(after);
      }),
    );
  });

  it('never breaks a decision, whichever members are exchanged', () => {
    const members = Object.fromEntries(
      Object.keys(full).map((key) => [key, fc.option(fc.anything(), { nil: full[key as keyof typeof full] })]),
    );
    fc.assert(
      fc.property(fc.record(members), (mixed) => {
        const { state } = readStored({ ...stored(), ...mixed }, 'new');
        for (const kind of ['hello', 'activity', 'extend', 'end', 'signed-out'] as const) {
          expect(() => asks(state, T0, kind, { activityAge: 0 })).not.toThrow();
        }
      }),
    );
  });
});

describe('the state of a newer version', () => {
  const newer = {
    v: STATE_VERSION + 1,
    epoch: { store: 'theirs', n: 7 },
    status: 'active',
    wakeAt: T0 + MINUTE,
    sessionId: 'a',
    attemptedAt: T0,
    lastActivityAt: 'of another kind',
    more: 1,
  };

  it('is obeyed: its status, its epoch, its attempts and its wakeAt', () => {
    const { state, found } = readStored(newer, 'new');
    expect(found).toBe('newer');
    expect(state).toMatchObject({ epoch: { store: 'theirs', n: 7 }, toldEpoch: 7, status: 'active', attemptedAt: T0 });
    expect(wakeAt(state)).toBe(T0 + MINUTE);
    expect(skipped(asks(state, T0, 'activity', { activityAge: 0 }))).toBe('not-due');
  });

  it('is obeyed by pages that see its session, and is no other one when that is confirmed', () => {
    const { state } = readStored(newer, 'new');
    expect(skipped(asks(state, T0, 'hello', { seen: 'a', activityAge: 0 }))).toBe('not-due');
    const { state: at, flight } = sends(state, T0 + MINUTE, 'activity', { seen: 'a', activityAge: 0 });
    const { epoch, sessionId } = answers(at, flight, T0 + MINUTE + 1, alive({ sessionId: 'a' })).state;
    expect([epoch.n, sessionId]).toEqual([7, 'a']);
  });

  it('is never overwritten but for its frozen part', () => {
    const { state, found } = readStored(newer, 'new');
    const ended = asks(state, T0, 'signed-out').state;
    expect(writeStored(ended, newer, found)).toEqual({
      ...newer,
      epoch: { store: 'theirs', n: 8 },
      status: 'signed-out',
      sessionId: null,
      sentAt: 0,
      wakeAt: Infinity,
    });
  });

  it('says when its latest request left, so that an older ask of a page that stood still ends nothing', () => {
    const { state } = readStored({ ...newer, sentAt: T0 + 5 }, 'new');
    const statusAfter = (askedAt: number) => {
      const ask = buildAsk('visible', { seen: null, activityAge: Infinity });
      return transition(state, { type: 'ask', ask, askedAt, at: T0 + 10, random: 0, checkable: true }).state.status;
    };
    expect([statusAfter(T0), statusAfter(T0 + 6)]).toEqual(['active', 'signed-out']);
    expect(readStored({ ...newer, sentAt: 'x' }, 'new').state.answered.sentAt).toBe(0);
  });

  it('is rebuilt where even the frozen part cannot be read', () => {
    expect(readStored({ ...newer, status: 'x' }, 'new').found).toBe('corrupted');
    expect(readStored({ ...newer, epoch: undefined }, 'new').found).toBe('corrupted');
  });
});
