import 'fake-indexeddb/auto';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { localLock } from './adapters/local-lock.js';
import { BURST } from './core/bucket.js';
import { ASKS, type Ask, DEFAULT_SETTINGS, type EngineSettings, isReply, PROTOCOL_VERSION } from './protocol.js';
import { runWorker } from './worker.js';

/** How a message must be met: nobody's business of ours, refused, or answered by the engine. */
type Fate = 'ignored' | 'refused' | 'answered';
interface Sent {
  fate: Fate;
  data: unknown;
  ask?: Ask;
}

const garbage = fc.anything({
  withNullPrototype: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withBigInt: true,
});
const isNumber = (value: unknown): value is number => typeof value === 'number';
const isDuration = (value: unknown): boolean => isNumber(value) && value >= 0;
const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
/** Garbage that is not what it stands for. */
const not = (fits: (value: unknown) => boolean) => garbage.filter((value) => !fits(value));
/** One of the members, with what exchanges it. */
const oneOf = (members: Record<string, fc.Arbitrary<unknown>>) =>
  fc.oneof(...Object.entries(members).map(([name, value]) => value.map((other) => ({ [name]: other }))));

const age = fc.oneof(fc.constantFrom(0, 5, Infinity, Number.MAX_VALUE, Number.MIN_VALUE), fc.nat());
/** The longest that is a duration: longer ones are refused at the door. */
const MOST = 2 ** 53 - 1;
const duration = fc.oneof(fc.constantFrom(0, 5, MOST, Number.MIN_VALUE), fc.nat());
/** Settings of any size, as no page of ours sends them. */
const settings: fc.Arbitrary<EngineSettings> = fc.record({
  interval: duration,
  activeWindow: duration,
  minInterval: duration,
  requestTimeout: duration,
  warnBefore: duration,
});
const ask: fc.Arbitrary<Ask> = fc.record(
  {
    kind: fc.constantFrom(...ASKS),
    tab: fc.string(),
    seen: fc.oneof(fc.string(), fc.constantFrom(null, undefined, 's1')),
    visible: fc.boolean(),
    activityAge: age,
    online: fc.boolean(),
  },
  { requiredKeys: ['kind', 'tab', 'visible', 'activityAge', 'online'] },
);
const request = (payload: unknown) => ({ stillhere: PROTOCOL_VERSION, type: 'ask', build: 'b', payload });

const foreign = fc.oneof(
  garbage,
  ask,
  ask.chain((payload) => not(isDuration).map((stillhere) => ({ ...request(payload), stillhere }))),
  fc.record({ type: fc.constantFrom('ask', 'SKIP_WAITING', 'CACHE_URLS'), payload: garbage }),
);

const brokenSettings = fc.oneof(
  not((value) => value === undefined || isObject(value)),
  settings.chain((given) =>
    oneOf(Object.fromEntries(Object.keys(DEFAULT_SETTINGS).map((name) => [name, not(isDuration)]))).map((change) => ({
      ...given,
      ...change,
    })),
  ),
);
const brokenAsk = ask.chain((given) =>
  oneOf({
    kind: not((value) => ASKS.some((kind) => kind === value)),
    tab: not((value) => typeof value === 'string'),
    seen: not((value) => value == null || typeof value === 'string'),
    visible: not((value) => typeof value === 'boolean'),
    activityAge: not(isDuration),
    online: not((value) => typeof value === 'boolean'),
    settings: brokenSettings,
  }).map((change) => ({ ...given, ...change })),
);
const unreadable = fc.oneof(
  brokenAsk.map(request),
  ask.chain((given) => not((value) => value === 'ask').map((type) => ({ ...request(given), type }))),
  ask.chain((given) =>
    fc.oneof(fc.constantFrom(0, PROTOCOL_VERSION + 1, Infinity), fc.integer({ min: 2 })).map((stillhere) => ({
      ...request(given),
      stillhere,
    })),
  ),
  not(isObject).map(request),
  garbage.map((payload) => ({ stillhere: PROTOCOL_VERSION, payload })),
);

/** Whether a message carries our mark, whatever else is in it. */
const isMarked = (data: unknown): boolean => isObject(data) && 'stillhere' in data && isDuration(data.stillhere);
const message: fc.Arbitrary<Sent> = fc.oneof(
  { weight: 8, arbitrary: foreign.filter((data) => !isMarked(data)).map((data): Sent => ({ fate: 'ignored', data })) },
  { weight: 10, arbitrary: unreadable.map((data): Sent => ({ fate: 'refused', data })) },
  { weight: 2, arbitrary: ask.map((given): Sent => ({ fate: 'answered', data: request(given), ask: given })) },
);

let beats = 0;
let workers = 0;
const wait = AbortSignal.timeout.bind(AbortSignal);
beforeEach(() => {
  // Node takes whole numbers of 32 bits here, and a browser any duration.
  vi.spyOn(AbortSignal, 'timeout').mockImplementation((span) => wait(Math.min(Math.trunc(span), 2 ** 31)));
  // The locks that every browser with workers has, for this one context.
  const { run } = localLock();
  vi.stubGlobal('navigator', {
    locks: {
      request: (_name: string, { signal }: { signal: AbortSignal }, work: () => Promise<unknown>) => run(signal, work),
    },
  });
  vi.stubGlobal('fetch', async () => {
    beats += 1;
    return Response.json({ sessionId: 's1', user: 'u', nextBeatIn: 60 });
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** Runs the worker as a browser would: with a global that collects its listeners. */
function startWorker() {
  const listeners = new Map<string, (event: object) => void>();
  vi.stubGlobal('self', {
    addEventListener: (type: string, listener: (event: object) => void) => listeners.set(type, listener),
  });
  workers += 1;
  runWorker({ name: `fuzz-${workers}`, endpoint: '/auth/heartbeat', statusEndpoint: '/auth/session' });
  /** Hands a message over as its structured clone, and waits for all that follows. */
  return async (data: unknown, hasPort = true) => {
    const replies: unknown[] = [];
    const work: unknown[] = [];
    const port = { postMessage: (reply: unknown) => replies.push(structuredClone(reply)) };
    const before = beats;
    listeners.get('message')?.({
      data: structuredClone(data),
      ports: hasPort ? [port] : [],
      waitUntil: (promise: unknown) => work.push(promise),
    });
    await Promise.all(work);
    return {
      replies: replies.map((reply) => (isReply(reply) ? reply : null)),
      work: work.length,
      beats: beats - before,
    };
  };
}

/** Whether an ask may cause a request of itself: nothing is due within these tests. */
const isCause = ({ kind, seen }: Ask): boolean =>
  ['hello', 'extend', 'check', 'unauthorized', 'signed-in'].includes(kind) || !!seen;

const CONVERSATION = 20;
const conversation = fc.array(message, { minLength: CONVERSATION, maxLength: CONVERSATION });

const timeout = 120_000;

it('meets 10,000 messages of any kind as it should, and asks the server for none that it cannot read', {
  timeout,
}, async () => {
  let met = 0;
  await fc.assert(
    fc.asyncProperty(conversation, async (messages) => {
      const post = startWorker();
      const started = Date.now();
      let caused = false;
      let sent = 0;
      for (const { fate, data, ask: given } of messages) {
        const { replies, work, beats: made } = await post(data);
        met += 1;
        sent += made;
        caused ||= !!given && isCause(given);
        const types = replies.map((reply) => reply?.type);
        if (fate === 'ignored') expect({ types, work, made }).toEqual({ types: [], work: 0, made: 0 });
        else if (fate === 'answered') expect({ types, work }).toEqual({ types: ['ack', 'done'], work: 1 });
        else {
          expect(replies).toMatchObject([{ type: 'error', payload: { code: 'protocol' } }]);
          expect({ work, made }).toEqual({ work: 0, made: 0 });
        }
        if (!caused) expect(sent).toBe(0);
      }
      expect(sent).toBeLessThanOrEqual(BURST + (Date.now() - started) / DEFAULT_SETTINGS.minInterval);
    }),
    { numRuns: 10_000 / CONVERSATION },
  );
  expect(met).toBeGreaterThanOrEqual(10_000);
});

it('answers every ask, whatever durations it brings, with one request and its repetition at most', {
  timeout,
}, async () => {
  const post = startWorker();
  await fc.assert(
    fc.asyncProperty(ask, settings, fc.boolean(), async (given, durations, hasPort) => {
      const { replies, beats: made } = await post(request({ ...given, settings: durations }), hasPort);
      expect(replies.map((reply) => reply?.type)).toEqual(hasPort ? ['ack', 'done'] : []);
      expect(made).toBeLessThanOrEqual(2);
    }),
    { numRuns: 1_000 },
  );
});
