import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RefreshRequest } from './core/events.js';
import type { ServerSettings } from './model/fake-server.js';
import { createWorld, type World } from './model/model-world.js';
import { DEFAULT_SETTINGS } from './protocol.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** How often a page notices activity, by default: it pings at most so much late. */
const NOTICED_EVERY = 5 * SECOND;
/** The model's clock goes on by a millisecond with each thing that happens. */
const SLACK = 500;
const { interval, minInterval } = DEFAULT_SETTINGS;

interface Sent {
  at: number;
  request: RefreshRequest;
}

/**
 * Three tabs of a user who has signed in, in the unscaled time of the defaults; what leaves for the
 * server is written down.
 */
async function signedIn(changes: Partial<ServerSettings> = {}): Promise<{ world: World; sent: Sent[] }> {
  const pages = { tabs: 3, readable: true, checkable: true, mixed: false, longestWay: 0, stillAfter: 0 };
  const settings = { ...pages, named: true, seed: 1 };
  const server = { idleLimit: 1_800, nextBeatIn: null, retryAfter: null, ...changes };
  const world = createWorld({ ...settings, ...server });
  vi.spyOn(AbortSignal, 'timeout').mockImplementation((span) => world.scheduler.timeout(span));
  const sent: Sent[] = [];
  const { handle } = world.server;
  world.server.handle = (secret, request, now) => {
    sent.push({ at: world.scheduler.now, request });
    return handle(secret, request, now);
  };
  world.server.login('u', world.scheduler.now);
  for (const tab of world.tabs) tab.ask('hello');
  await world.scheduler.drain();
  return { world, sent };
}

/**
 * The user types in the first tab, and all three look at every instant at which they were told to.
 */
async function typeFor({ scheduler, tabs, act }: World, span: number): Promise<void> {
  const [first] = tabs;
  if (!first) throw new Error('There is no tab.');
  for (const end = scheduler.now + span; scheduler.now < end; ) {
    await scheduler.advance(NOTICED_EVERY);
    act(first);
    for (const tab of tabs) tab.look();
    await scheduler.drain();
  }
}

const gaps = (sent: readonly Sent[]): number[] => sent.slice(1).map(({ at }, n) => at - (sent[n]?.at ?? at));
const isAlive = ({ server, scheduler }: World): boolean => server.isAlive(server.jar.secret, scheduler.now);

beforeEach(() => {
  vi.restoreAllMocks();
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe('an hour in which the provider answers nothing but 500', () => {
  it.each([
    ['and the server names no time', null],
    ['and the server says Retry-After: 30', 30],
  ])('is asked at the pace of the back-off while the user types, %s, and the session lives', async (_, retryAfter) => {
    const { world, sent } = await signedIn({ retryAfter });
    await typeFor(world, 6 * MINUTE);
    const from = sent.length - 1;
    // The server records who was there before it asks the provider, and says so.
    world.server.fault = '503-known';
    await typeFor(world, HOUR);
    const waits = gaps(sent.slice(from)).slice(1);
    const order = (retryAfter ?? 0) * SECOND;
    for (const [failures, wait] of waits.entries()) {
      const own = Math.min(interval / 2, minInterval * 1.6 ** failures);
      // Above an order there is room, but no fixed half.
      expect(wait).toBeGreaterThanOrEqual(order || Math.max(minInterval, own / 2));
      expect(wait).toBeLessThanOrEqual(Math.max(order && order + 2 * own, own, order * 1.5) + NOTICED_EVERY + SLACK);
    }
    // Of 720 instants at which the user was there: 8 while the wait grows, then one in 75 to 150 s,
    // or in 30 to 330 s.
    expect(waits.length).toBeGreaterThanOrEqual(15);
    expect(waits.length).toBeLessThanOrEqual(55);
    expect(isAlive(world)).toBe(true);

    world.server.fault = 'none';
    await typeFor(world, interval + NOTICED_EVERY);
    expect(sent.at(-1)?.request).toMatchObject({ kind: 'beat', activity: 'user' });
    expect(world.stored()).toMatchObject({ status: 'active', epoch: { n: 1 }, failures: 0 });
    expect(isAlive(world)).toBe(true);
  });
});

describe('a device that slept an hour', () => {
  it('makes no beat when it wakes, and one at the first sign of the user, not one per tab', async () => {
    const { world, sent } = await signedIn({ idleLimit: 7_200 });
    await typeFor(world, 6 * MINUTE);
    await world.scheduler.advance(HOUR);
    const slept = sent.length;
    for (const tab of world.tabs) tab.ask('hello');
    await world.scheduler.drain();
    for (const tab of world.tabs) {
      tab.look();
      tab.watchEnd();
    }
    await world.scheduler.drain();
    expect(sent).toHaveLength(slept);
    await typeFor(world, NOTICED_EVERY);
    expect(sent.slice(slept).map(({ request }) => request)).toMatchObject([{ kind: 'beat', activity: 'user' }]);
    await typeFor(world, 4 * MINUTE);
    expect(sent).toHaveLength(slept + 1);
    expect(isAlive(world)).toBe(true);
  });
});

describe('a session that lives', () => {
  it('a minute is kept for as long as the user types, by a beat in good time', async () => {
    const { world, sent } = await signedIn({ idleLimit: 60 });
    await typeFor(world, 20 * MINUTE);
    expect(isAlive(world)).toBe(true);
    expect(world.stored()).toMatchObject({ status: 'active', epoch: { n: 1 } });
    // 70 % of a minute, a tenth earlier at most.
    expect(Math.min(...gaps(sent))).toBeGreaterThanOrEqual(37_800);
    expect(Math.max(...gaps(sent))).toBeLessThanOrEqual(42_000 + NOTICED_EVERY + SLACK);
    await world.scheduler.advance(61 * SECOND);
    for (const tab of world.tabs) tab.watchEnd();
    await world.scheduler.drain();
    expect(world.stored()).toMatchObject({ status: 'expired', reason: 'idle_timeout' });
  });

  it('ninety days beats at the interval, and is asked about by nobody', async () => {
    const { world, sent } = await signedIn({ idleLimit: 90 * 24 * 3_600 });
    await typeFor(world, HOUR);
    for (const tab of world.tabs) tab.watchEnd();
    await world.scheduler.drain();
    expect(Math.min(...gaps(sent))).toBeGreaterThanOrEqual(interval * 0.9);
    expect(Math.max(...gaps(sent))).toBeLessThanOrEqual(interval + NOTICED_EVERY + SLACK);
    expect(sent.every(({ request }) => request.kind === 'beat')).toBe(true);
  });
});
