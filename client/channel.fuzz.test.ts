import fc from 'fast-check';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { BURST } from '../sw/core/bucket.js';
import { sharedName } from '../sw/names.js';
import { DEFAULT_SETTINGS, type Epoch, PROTOCOL_VERSION } from '../sw/protocol.js';
import { createKeepalive } from './create-keepalive.js';
import { engineSnapshot } from './testing/engine-snapshot.js';
import { fakePage } from './testing/fake-page.js';
import type { Keepalive } from './types.js';

const KINDS = { withNullPrototype: true, withDate: true, withMap: true, withSet: true, withBigInt: true };
const garbage = fc.anything(KINDS);
const isNumber = (value: unknown): boolean => typeof value === 'number' && value >= 0;
const isText = (value: unknown): boolean => typeof value === 'string';
const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
/** Garbage that is not what it stands for. */
const not = (fits: (value: unknown) => boolean) => garbage.filter((value) => !fits(value));
const envelope = (type: unknown, payload: unknown) => ({ stillhere: PROTOCOL_VERSION, type, payload });

/**
 * Makes messages that no page can read, for a page that knows `epoch`. Most of them would tell of
 * an end if the page believed them.
 */
function unreadableTo({ store, n }: Epoch) {
  const ended = engineSnapshot({ status: 'expired', sessionId: null, epoch: { store, n: n + 1 } });
  const brokenSnapshot = fc
    .oneof(
      not(isObject).map((epoch) => ({ epoch })),
      not(isNumber).map((wrong) => ({ epoch: { store, n: wrong } })),
      not(isText).map((wrong) => ({ epoch: { store: wrong, n: n + 1 } })),
      not(isNumber).map((wakeAt) => ({ wakeAt })),
      not(isNumber).map((lastBeatAt) => ({ lastBeatAt })),
      not(isObject).map((facts) => ({ facts })),
      not(isObject).map((wanted) => ({ wanted })),
      not(isObject).map((answered) => ({ answered })),
      garbage.map((status) => ({ status })),
    )
    .map((change) => ({ ...ended, ...change }));
  return fc.oneof(
    garbage,
    garbage.map((payload) => envelope('activity', payload)),
    not(isNumber).map((age) => envelope('activity', { age })),
    garbage.map((type) => envelope(type, { age: 0 })),
    garbage.map((payload) => envelope('news', payload)),
    not(isObject).map((snapshot) => envelope('news', { snapshot, facts: [] })),
    not(Array.isArray).map((facts) => envelope('news', { snapshot: ended, facts })),
    brokenSnapshot.map((snapshot) => envelope('news', { snapshot, facts: [] })),
    not(isNumber).map((stillhere) => ({ ...envelope('news', { snapshot: ended, facts: [] }), stillhere })),
  );
}

/** What has the shape that a page decides by, and anything in the rest. */
function readableBy({ store, n }: Epoch) {
  const lie = garbage;
  const facts = fc.array(fc.oneof(garbage, fc.record({ type: fc.constantFrom('ask', 'begin', 'answer', 'worker') })));
  const given = fc.record({
    reason: lie,
    user: lie,
    sessionId: lie,
    endedSessionId: lie,
    failures: lie,
    shared: lie,
    wakeAt: fc.double({ min: 0, noNaN: true }),
    epoch: fc.record({ store: fc.constantFrom(store, 'b'), n: fc.constantFrom(0, n, n + 1) }),
    facts: fc.record({ idleExpiresIn: lie, absoluteExpiresIn: lie, idleTimeout: lie }),
    status: fc.constantFrom('unknown', 'active', 'expired', 'signed-out'),
  });
  return fc.oneof(
    fc
      .tuple(given, facts)
      .map(([change, told]) => envelope('news', { snapshot: { ...engineSnapshot(), ...change }, facts: told })),
    fc.double({ min: 0, noNaN: true }).map((age) => envelope('activity', { age })),
    garbage.map((payload) => envelope('look', payload)),
  );
}

const MESSAGES = 100;
const LENGTH = { minLength: MESSAGES, maxLength: MESSAGES };
const timeout = 120_000;
let marks = 0;

const running: Keepalive[] = [];
const channels: BroadcastChannel[] = [];
afterEach(async () => {
  for (const keepalive of running.splice(0)) await keepalive.stop();
  for (const channel of channels.splice(0)) channel.close();
  vi.unstubAllGlobals();
});
beforeAll(async () => {
  const lazy = ['page-engine', 'trouble', 'events-of', 'keepalive-error'].map((name) => import(`./lazy/${name}.ts`));
  await Promise.all(lazy);
});

function epochOf(keepalive: Keepalive): Epoch {
  const { epoch } = keepalive.snapshot();
  if (!epoch) throw new Error('Nothing is known');
  return epoch;
}

/** A started page with a session, whose log is all that the application hears. */
async function startPage() {
  const page = fakePage();
  const log: string[] = [];
  const builds: string[] = [];
  const tell = (name: string) => () => void log.push(name);
  const keepalive = createKeepalive({
    endpoint: page.endpoint,
    worker: false,
    onRefreshed: tell('refreshed'),
    onExpired: tell('expired'),
    onSignedOut: tell('signed out'),
    onSignedIn: tell('signed in'),
    onUserChanged: tell('user changed'),
    onConceal: tell('conceal'),
    onError: ({ code }) => log.push(`error ${code}`),
    onEvent(event) {
      log.push(`event ${event.type}`);
      if (event.type === 'worker') builds.push(event.build);
    },
  });
  running.push(keepalive);
  keepalive.start();
  await vi.waitFor(() => expect(keepalive.snapshot().status).toBe('active'), { timeout: 60_000 });
  await vi.waitFor(() => expect(log).toContain('refreshed'), { timeout: 60_000 });
  const channel = new BroadcastChannel(sharedName(page.endpoint));
  channels.push(channel);
  /**
   * Posts them all, and one more that can be read: when that has arrived, so have all before it.
   */
  async function post(messages: unknown[]): Promise<void> {
    for (const message of messages) channel.postMessage(message);
    marks += 1;
    const mark = `mark-${marks}`;
    const fact = { type: 'worker', at: 1, build: mark, instance: mark };
    channel.postMessage(envelope('news', { snapshot: { ...engineSnapshot(), shared: false }, facts: [fact] }));
    await vi.waitFor(() => expect(builds).toContain(mark), { timeout: 60_000, interval: 5 });
  }
  return { page, log, keepalive, post };
}

it('drops 10,000 messages that it cannot read: nothing is told, nothing changes, nothing beats', {
  timeout,
}, async () => {
  const { page, log, keepalive, post } = await startPage();
  const before = keepalive.snapshot();
  log.length = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(unreadableTo(epochOf(keepalive)), LENGTH), async (messages) => {
      await post(messages);
      expect(log.splice(0)).toEqual(['event worker']);
      expect(keepalive.snapshot()).toBe(before);
      expect(page.beats).toHaveLength(1);
    }),
    { numRuns: 10_000 / MESSAGES },
  );
});

it('bears 2,000 messages that lie about all that a page does not decide by', { timeout }, async () => {
  const { page, log, keepalive, post } = await startPage();
  const started = Date.now();
  await fc.assert(
    fc.asyncProperty(fc.array(readableBy(epochOf(keepalive)), LENGTH), async (messages) => {
      await post(messages);
      expect(log.filter((entry) => entry.startsWith('error'))).toEqual([]);
    }),
    { numRuns: 20 },
  );
  expect(page.beats.length).toBeLessThanOrEqual(BURST + (Date.now() - started) / DEFAULT_SETTINGS.minInterval);
  expect(await keepalive.check()).not.toBe('ended');
});
