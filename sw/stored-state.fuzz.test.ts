import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import type { Answer, RefreshRequest, Step } from './core/events.js';
import { snapshotOf } from './core/snapshot.js';
import { initialState, type State } from './core/state.js';
import { transition } from './core/transition.js';
import { WHYS } from './core/why.js';
import { createEngine } from './engine.js';
import { alive, answers, asks, begins, buildAsk, later, MINUTE, NO_NETWORK, over, T0 } from './model/build-state.js';
import { ASKS, type AskKind, DEFAULT_SETTINGS, isEngineSnapshot } from './protocol.js';
import { readStored, writeStored } from './stored-state.js';

const KINDS = { maxDepth: 1, withNullPrototype: true, withDate: true, withMap: true, withSet: true, withBigInt: true };
/**
 * Numbers stay below the instants of today: a longer `wakeAt` of a newer version reads as an order
 * to wait.
 */
const MOST = 2 ** 40;
const garbage = fc.anything(KINDS).filter((value) => typeof value !== 'number' || !(value > MOST));

/** Instants of a life that was lived: never, lately, soon. */
const past = fc.oneof(fc.constant(0), fc.integer({ min: T0 - 60 * MINUTE, max: T0 }));
const span = fc.integer({ min: 0, max: 15 * MINUTE });
const id = fc.constantFrom(null, 'a', 'b');
const seconds = fc.oneof(fc.constant(null), fc.integer({ min: 0, max: 3_600 }));

/** What an engine of ours may have stored. */
const state: fc.Arbitrary<State> = fc.record({
  status: fc.constantFrom('unknown', 'active', 'expired', 'signed-out'),
  reason: fc.constantFrom(null, 'idle_timeout'),
  epoch: fc.record({ store: fc.constant('store-1'), n: fc.nat(9) }),
  toldEpoch: fc.nat(9),
  sessionId: id,
  user: id,
  endedSessionId: id,
  seen: fc.constantFrom('a', 'b', null, undefined),
  refutedSeen: id,
  ticket: past,
  sentAt: past,
  lastActivityAt: past,
  reportedActivityAt: past,
  attemptedAt: past,
  lastBeatAt: past,
  due: fc.record({ at: past, span }),
  notBefore: span.chain((held) =>
    fc.record({ at: past, span: fc.constant(held), order: fc.integer({ min: 0, max: held }) }),
  ),
  failures: fc.nat(20),
  unansweredAt: past,
  wanted: fc.record({ why: fc.constantFrom(null, ...WHYS), at: past, tried: fc.boolean() }),
  answered: fc.record({
    at: past,
    sentAt: past,
    outcome: fc.constantFrom('alive', 'ended', 'unavailable', 'offline'),
    code: fc.constantFrom('ok', 'network'),
  }),
  facts: fc.record({ idleExpiresIn: seconds, absoluteExpiresIn: seconds, nextBeatIn: seconds }),
  factsAt: past,
  settings: fc.constant(DEFAULT_SETTINGS),
});

const stored = state.map(
  (given) => structuredClone(writeStored(given, undefined, 'nothing')) as Record<string, unknown>,
);

/** The paths of all members, the nested ones too. */
const PATHS = Object.entries({ v: 0, wakeAt: 0, ...initialState('') }).flatMap(([name, value]) =>
  value && typeof value === 'object' && name !== 'facts'
    ? [[name], ...Object.keys(value).map((member) => [name, member])]
    : [[name]],
);
const other = fc.oneof(garbage, fc.constantFrom(-1, 0, 1, MOST, -Infinity, Number.NaN, '', null, undefined));

function exchange(record: Record<string, unknown>, [name = '', member]: string[], value: unknown) {
  return { ...record, [name]: member ? { ...(record[name] as object), [member]: value } : value };
}

/** A record of ours of which one to three members are exchanged. */
const mixed = fc
  .tuple(stored, fc.array(fc.tuple(fc.constantFrom(...PATHS), other), { minLength: 1, maxLength: 3 }))
  .map(([record, changes]) => changes.reduce((changed, [path, value]) => exchange(changed, path, value), record));
const anyRecord: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 1, arbitrary: garbage },
  { weight: 1, arbitrary: stored },
  { weight: 3, arbitrary: mixed },
);

const answer: fc.Arbitrary<Answer> = fc.constantFrom(
  alive({ nextBeatIn: 60 }),
  over(),
  over('no_session', 'b'),
  later(30_000),
  NO_NETWORK,
);

const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
/** `npm run test:slow` plays more. */
const RUNS = Number(process.env.RECORD_RUNS ?? 2_000);
const timeout = 300_000;

it('decides by records of any kind without a throw, and stores what it reads again', { timeout }, () => {
  const found: Record<string, number> = {};
  fc.assert(
    fc.property(anyRecord, fc.constantFrom(...ASKS), answer, chance, (record, kind, given, random) => {
      const read = readStored(record, 'new');
      found[read.found] = (found[read.found] ?? 0) + 1;
      const isNewer = read.found === 'newer';
      /** As IndexedDB keeps it, and as a page hears of it. */
      const pass = (step: Step): Step => {
        const written = structuredClone(writeStored(step.state, record, read.found));
        expect(readStored(written, 'other').found).toBe(isNewer ? 'newer' : 'ours');
        expect(isEngineSnapshot(structuredClone(snapshotOf(step.state, true, T0)))).toBe(true);
        return step;
      };
      const asked = pass(asks(read.state, T0, kind, { activityAge: 0 }, { random }));
      if (!asked.attempt) return;
      const { flight, state: begun } = pass(begins(asked, T0, { random }));
      if (flight) pass(answers(begun, flight, T0 + 5, given, random));
      pass(transition(begun, { type: 'told', epoch: begun.epoch, checkable: true, at: T0 + 9, random }));
    }),
    { numRuns: RUNS },
  );
  // Each kind was there.
  expect(Object.keys(found).sort()).toEqual(['corrupted', 'newer', 'nothing', 'ours']);
});

it('never falls silent for longer than the longest order, whatever it finds', { timeout }, () => {
  fc.assert(
    fc.property(anyRecord, (record) => {
      let { state: before, found } = readStored(record, 'new');
      if (found === 'newer') return;
      for (let at = T0; at <= T0 + 16 * MINUTE; at += 30_000) {
        const isFirst = at === T0;
        const step = asks(before, at, isFirst ? 'hello' : 'activity', {
          activityAge: 0,
          ...(isFirst && { settings: DEFAULT_SETTINGS }),
        });
        if (step.attempt && begins(step, at).flight) return;
        before = step.state;
      }
      throw new Error(`Silent: ${JSON.stringify(before)}`);
    }),
    { numRuns: RUNS },
  );
});

/** An engine over a store that holds `cell`, as IndexedDB would, and a server that counts. */
function startEngine(record: unknown) {
  let cell = record;
  const requests: RefreshRequest[] = [];
  const engine = createEngine(
    {
      clock: { now: () => T0 },
      random: { next: () => 0.5, id: () => 'new' },
      store: {
        shared: true,
        update: async (change) => {
          cell = structuredClone(change(cell));
        },
      },
      lock: { shared: true, run: (_, work) => work() },
      refresh: {
        async send(request) {
          requests.push(request);
          return alive({ nextBeatIn: 60 });
        },
      },
      channel: { post: () => {} },
    },
    true,
  );
  const ask = async (kind: AskKind) => {
    const { ack, done } = engine.ask(buildAsk(kind, { activityAge: 0 }));
    const [snapshot, end] = await Promise.all([ack, done]);
    expect([snapshot, end.snapshot].every(isEngineSnapshot)).toBe(true);
    return end;
  };
  return { ask, requests, engine };
}

it('asks the server at the first hello, once, if the stored state cannot be read, and at nothing else', {
  timeout,
}, async () => {
  // Nothing here takes its time: thousands of timers would.
  vi.spyOn(AbortSignal, 'timeout').mockImplementation(() => new AbortController().signal);
  let unreadable = 0;
  const idle = fc.constantFrom('activity', 'visible', 'online', 'touch', 'end', 'warning');
  await fc.assert(
    fc.asyncProperty(anyRecord, idle, async (record, kind) => {
      const { ask, requests, engine } = startEngine(record);
      const { found } = readStored(record, 'new');
      await engine.wake();
      await ask(kind);
      if (found === 'ours' || found === 'newer') {
        // What was due or wanted, or the question of a passed end.
        expect(requests.length).toBeLessThanOrEqual(1);
        return;
      }
      unreadable += 1;
      expect(requests).toEqual([]);
      expect(await ask('hello')).toMatchObject({ outcome: 'alive', snapshot: { status: 'active', sessionId: 'a' } });
      expect(await ask('hello')).toMatchObject({ outcome: 'alive' });
      expect(requests).toMatchObject([{ kind: 'beat', activity: 'user' }]);
    }),
    { numRuns: RUNS },
  );
  expect(unreadable).toBeGreaterThan(RUNS / 4);
});
