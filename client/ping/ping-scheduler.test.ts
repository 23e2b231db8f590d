import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Ask, EngineSnapshot, Outcome } from '../../sw/protocol.js';
import { resolveOptions } from '../options.js';
import { createKnowledge } from '../state/knowledge.js';
import { createAudience } from '../state/listeners.js';
import { engineSnapshot } from '../testing/engine-snapshot.js';
import { fakePage } from '../testing/fake-page.js';
import { type Agenda, createAgenda } from './ping-scheduler.js';
import { createPresence } from './presence.js';

const START = 1_000_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: START });
  fakePage();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/**
 * A visible page whose engine wants a beat in 60 s, unless `engine` says otherwise; its asks, and
 * the answers that they wait for.
 */
function tab(engine: Partial<EngineSnapshot> = {}) {
  const asks: Ask[] = [];
  const answers: ((outcome: Outcome) => void)[] = [];
  let sayAgain: () => void = () => undefined;
  const page = { session: 'S1' as string | null };
  const options = resolveOptions({ session: () => page.session });
  const known = createKnowledge(
    options,
    createAudience(options),
    (kind) => agenda.ask(kind),
    () => agenda.plan(),
    'tab',
  );
  const presence = createPresence(options.settings, () => undefined);
  const agenda: Agenda = createAgenda(
    options,
    known,
    presence,
    (make) => {
      asks.push(make());
      sayAgain = () => asks.push(make());
      return new Promise((resolve) => answers.push(resolve));
    },
    'tab',
  );
  const kinds = () => asks.map(({ kind }) => kind);
  const receive = (change: Partial<EngineSnapshot>) =>
    known.receive(engineSnapshot({ wakeAt: START + 60_000, ...engine, ...change }));
  receive({});
  return { ...agenda, asks, answers, presence, kinds, receive, page, sayAgain: () => sayAgain() };
}

it('sets one timer for what comes next, and none where nothing does', () => {
  const { plan, presence } = tab();
  expect(vi.getTimerCount()).toBe(0);
  presence.note('activity');
  plan();
  plan();
  expect(vi.getTimerCount()).toBe(1);
});

it('pings when it is due, and says what was noted', () => {
  const { plan, presence, asks, kinds } = tab();
  presence.note('visible');
  plan();
  vi.advanceTimersByTime(59_999);
  expect(kinds()).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(asks).toMatchObject([{ kind: 'visible', activityAge: 60_000, seen: 'S1', visible: true, online: true }]);
});

it('joins no ping to what is on its way, until it may be lost', () => {
  const { ask, plan, presence, kinds } = tab({ wakeAt: START });
  void ask('extend');
  presence.note('activity');
  plan();
  vi.advanceTimersByTime(4_999);
  expect(kinds()).toEqual(['extend']);
  vi.advanceTimersByTime(1);
  expect(kinds()).toEqual(['extend', 'activity']);
});

it('comes back at wakeAt with an ask that was refused, though nobody is active', async () => {
  const { ask, answers, kinds } = tab({ wanted: { why: 'extend', at: START, tried: false } });
  const outcome = ask('extend');
  answers[0]?.('unavailable');
  expect(await outcome).toBe('unavailable');
  vi.advanceTimersByTime(60_000);
  expect(kinds()).toEqual(['extend', 'activity']);
});

it('sends its settings with a hello only', () => {
  const { ask, asks } = tab();
  void ask('hello');
  void ask('check');
  expect(asks.map(({ settings }) => settings?.interval)).toEqual([300_000, undefined]);
});

it.each([
  { status: 'unknown', says: ['activity', 'hello'] },
  { status: 'active', says: ['activity', 'hello'] },
  { status: 'expired', says: ['activity'] },
  { status: 'signed-out', says: ['activity'] },
] as const)('says hello to an engine that has lost its storage and is $status: $says', async ({ status, says }) => {
  const { ask, answers, kinds, receive } = tab();
  const outcome = ask('activity');
  receive({ status, epoch: { store: 'another', n: 0 } });
  answers[0]?.('unavailable');
  await outcome;
  expect(kinds()).toEqual(says);
});

it('asks what is left when the clock was set back', () => {
  const { plan, kinds } = tab();
  plan();
  vi.setSystemTime(START - 3_600_000);
  plan();
  expect(kinds()).toEqual(['check']);
});

it('waits for an instant that lies further ahead than a timer can', () => {
  const far = START + 2 ** 31 + 60_000;
  const { plan, presence, kinds } = tab({ wakeAt: START });
  presence.note('activity', far);
  plan();
  vi.advanceTimersToNextTimer();
  expect(Date.now()).toBe(START + 2 ** 31 - 1);
  expect(kinds()).toEqual([]);
  vi.advanceTimersToNextTimer();
  expect(kinds()).toEqual(['activity']);
});

it('plans nothing while the page is away', () => {
  const { plan, pause, presence } = tab();
  presence.note('activity');
  plan();
  pause(true);
  plan();
  expect(vi.getTimerCount()).toBe(0);
  pause(false);
  plan();
  expect(vi.getTimerCount()).toBe(1);
});

it('says a sign-out again where nobody has heard it, but not of a session that has begun since', () => {
  const { ask, page, asks, sayAgain } = tab();
  void ask('signed-out');
  sayAgain();
  page.session = null;
  sayAgain();
  page.session = 'S2';
  sayAgain();
  expect(asks.map(({ kind, seen }) => [kind, seen])).toEqual([
    ['signed-out', 'S1'],
    ['signed-out', 'S1'],
    ['signed-out', null],
    ['hello', 'S2'],
  ]);
  expect(asks.at(-1)).toHaveProperty('settings');
});

it('pings ever more rarely while nothing answers, however long that takes and however active the user is', async () => {
  const { plan, presence, asks } = tab({ wakeAt: START });
  for (let second = 0; second < 60; second += 1) {
    presence.note('activity');
    plan();
    await vi.advanceTimersByTimeAsync(1_000);
  }
  // At 0, 5, 15 and 35 s.
  expect(asks).toHaveLength(4);
});
