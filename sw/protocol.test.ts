import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { snapshotOf } from './core/snapshot.js';
import { activeState, buildAsk, buildState, T0 } from './model/build-state.js';
import {
  ASKS,
  DEFAULT_SETTINGS,
  isChannelMessage,
  isEngineSnapshot,
  isOurs,
  isReply,
  OLDEST_PROTOCOL_VERSION,
  PROTOCOL_VERSION,
  readAsk,
} from './protocol.js';

const snapshot = snapshotOf(activeState(), true, T0);
const request = { stillhere: PROTOCOL_VERSION, type: 'ask', build: 'b', payload: buildAsk('hello') };
const anything = fc.anything({ withNullPrototype: true, withDate: true, withMap: true, withBigInt: true });

describe('guards', () => {
  it('never throw and never take what is not theirs, whatever arrives', () => {
    fc.assert(
      fc.property(anything, (value) => {
        expect(isOurs(value) && readAsk(value)).toBeFalsy();
        expect(isReply(value)).toBe(false);
        expect(isChannelMessage(value)).toBe(false);
        expect(isEngineSnapshot(value)).toBe(false);
      }),
    );
  });

  it('never throw on messages of which any part is exchanged', () => {
    const type = fc.oneof(fc.constantFrom('ask', 'ack', 'done', 'error', 'news', 'activity', 'look'), anything);
    const payload = fc.oneof(
      anything,
      fc.record({ snapshot: anything, events: anything, tab: anything, age: anything }),
    );
    fc.assert(
      fc.property(
        fc.record({ stillhere: fc.oneof(fc.integer(), anything), type, build: anything, payload }),
        (value) => {
          if (isOurs(value)) readAsk(value);
          isReply(value);
          isChannelMessage(value);
        },
      ),
    );
  });
});

describe('a request to the worker', () => {
  it.each(ASKS)('%s is read', (kind) => {
    expect(readAsk({ ...request, payload: buildAsk(kind) })).toMatchObject({ kind });
  });

  it.each([undefined, null, 'hello', { type: 'ask' }, { type: 'SKIP_WAITING' }, { stillhere: '1' }])(
    'leaves messages of others alone: %j',
    (data) => {
      expect(isOurs(data)).toBe(false);
    },
  );

  it('of another version is not read', () => {
    expect(readAsk({ ...request, stillhere: PROTOCOL_VERSION + 1 })).toBeNull();
    expect(readAsk({ ...request, stillhere: OLDEST_PROTOCOL_VERSION - 1 })).toBeNull();
  });

  it.each<[string, object]>([
    ['kind', { kind: 'party' }],
    ['tab', { tab: 5 }],
    ['seen', { seen: 5 }],
    ['visible', { visible: 1 }],
    ['online', { online: undefined }],
    ['negative age', { activityAge: -1 }],
    ['age that is no number', { activityAge: Number.NaN }],
    ['settings', { settings: { ...DEFAULT_SETTINGS, interval: '5' } }],
    ['settings with a part missing', { settings: { interval: 5 } }],
  ])('with a wrong %s is unreadable', (_, change) => {
    expect(readAsk({ ...request, payload: { ...request.payload, ...change } })).toBeNull();
  });

  it.each([{ interval: 0 }, { activeWindow: Number.NaN }, { minInterval: Infinity }, { interval: -1 }])(
    'takes durations only: %j',
    (change) => {
      const ask = buildAsk('hello', { settings: { ...DEFAULT_SETTINGS, ...change } });
      expect(readAsk({ ...request, payload: ask }) !== null).toBe(change.interval === 0);
    },
  );
});

describe('what comes back', () => {
  it('is read: ack, done and error', () => {
    const head = { stillhere: 1, build: 'b' };
    expect(isReply({ ...head, type: 'ack', payload: snapshot })).toBe(true);
    expect(isReply({ ...head, type: 'done', payload: { outcome: 'alive', snapshot } })).toBe(true);
    expect(isReply({ ...head, type: 'error', payload: { code: 'storage' } })).toBe(true);
    expect(isReply({ ...head, type: 'done', payload: { outcome: 'alive', snapshot: {} } })).toBe(false);
    expect(isReply({ ...head, type: 'ask', payload: snapshot })).toBe(false);
  });

  it('on the channel is read: news, activity and look', () => {
    expect(isChannelMessage({ stillhere: 1, type: 'news', payload: { snapshot, facts: [] } })).toBe(true);
    expect(isChannelMessage({ stillhere: 1, type: 'activity', payload: { age: 5 } })).toBe(true);
    expect(isChannelMessage({ stillhere: 1, type: 'look', payload: null })).toBe(true);
    expect(isChannelMessage({ stillhere: 1, type: 'activity', payload: { age: -5 } })).toBe(false);
    expect(isChannelMessage({ stillhere: 1, type: 'news', payload: { snapshot, facts: null } })).toBe(false);
  });

  it('is a snapshot of every state', () => {
    for (const state of [buildState(), activeState(), buildState({ status: 'expired', reason: 'revoked' })]) {
      expect(isEngineSnapshot(structuredClone(snapshotOf(state, false, T0)))).toBe(true);
    }
    expect(isEngineSnapshot({ ...snapshot, wakeAt: 'soon' })).toBe(false);
    expect(isEngineSnapshot({ ...snapshot, epoch: { store: 5, n: 1 } })).toBe(false);
    expect(isEngineSnapshot({ ...snapshot, facts: { idleExpiresIn: 'x' } })).toBe(false);
    expect(isEngineSnapshot({ ...snapshot, facts: { idleExpiresIn: 1n } })).toBe(false);
    expect(isEngineSnapshot({ ...snapshot, user: {} })).toBe(false);
  });
});
