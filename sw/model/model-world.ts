import type { State } from '../core/state.js';
import type { Engine } from '../engine-types.js';
import { type Ask, DEFAULT_SETTINGS } from '../protocol.js';
import { createFakeOrigin, type Life } from './fake-host.js';
import { createFakeServer, type FakeServer, type ServerSettings } from './fake-server.js';
import { createInvariants } from './invariants.js';
import { createModelTab, type ModelTab } from './model-tab.js';
import { createScheduler, type Scheduler } from './scheduler.js';

export interface WorldSettings extends ServerSettings {
  tabs: number;
  /** Whether pages can read who is signed in. */
  readable: boolean;
  /** Whether there is a `statusEndpoint`. */
  checkable: boolean;
  /** Whether the second engine is of the next version of the stored state. */
  mixed: boolean;
  /** How long a message between page and engine takes at most. */
  longestWay: number;
  /** After how many steps of a request its page stands still, at the end of the history. */
  stillAfter: number;
  seed: number;
}

export interface World {
  scheduler: Scheduler;
  server: FakeServer;
  tabs: ModelTab[];
  jump(span: number): void;
  act(tab: ModelTab): void;
  kill(host: number): void;
  stand(host: number, isStill: boolean): void;
  /** Every page that stands still goes on. Returns whether any ever stood still. */
  goOn(): boolean;
  /** Whether the tab's page stands still. */
  isStill(tab: ModelTab): boolean;
  killOwner(owner: object): void;
  stored(): State;
  wall(): number;
  /** Whether some tab's engine still owes it an answer. */
  finish(): Promise<void>;
}

const T0 = 1_700_000_000_000;
const { interval } = DEFAULT_SETTINGS;

/** A small reproducible source of chance (mulberry32). */
function createRandom(seed: number): () => number {
  let a = seed | 0;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** One browser with several tabs, two engines over one storage, and a server behind them. */
export function createWorld(settings: WorldSettings): World {
  const scheduler = createScheduler();
  const server = createFakeServer(settings);
  let offset = T0;
  let broken: unknown = null;
  const wall = () => scheduler.now + offset;
  const invariants = createInvariants(() => scheduler.now, wall, settings);
  /** An invariant that breaks inside the engine's own calls must not be swallowed by it. */
  const guard = (check: () => void) => {
    try {
      check();
    } catch (error) {
      broken ??= error;
    }
  };
  const origin = createFakeOrigin(scheduler, server, {
    wall,
    random: createRandom(settings.seed),
    onWrite: (before, after, life) => guard(() => invariants.onWrite(before, after, life)),
    onSend: (request, life, inFlight) => {
      scheduler.trace.push(`    ${scheduler.now} SENT ${JSON.stringify(request)}`);
      guard(() => invariants.onSend(request, life, inFlight));
    },
    onAnswer: (answer, life) => invariants.onAnswer(answer, life),
    onPost: (message) => {
      guard(() => invariants.onPost(message));
      if (message.type !== 'news') return;
      for (const tab of tabs) tab.receive(message.payload.snapshot, 'news');
    },
  });

  const wayRandom = createRandom(settings.seed + 1);
  const hosts: ({ engine: Engine; life: Life } | undefined)[] = [];
  const unheard = new Map<Life, Set<() => void>>();

  function ask(host: number, tab: ModelTab, make: () => Ask): void {
    const message = make();
    hosts[host] ??= origin.start(`engine ${host}`, settings.checkable, settings.mixed && host === 1);
    const { engine, life } = hosts[host];
    scheduler.trace.push(`    ${scheduler.now} ${tab.name} asks ${message.kind} of ${life.name}`);
    guard(() => invariants.onAsk(message));
    // Unanswered for 3 s, a page asks again; what it asked before cannot come any more, since its
    // engine is dead.
    const again = () => void (tab.frozen || ask(host, tab, make));
    const waiting = unheard.get(life) ?? new Set();
    unheard.set(life, waiting.add(again));
    const { ack, done } = engine.ask(message);
    ack.then((snapshot) => {
      waiting.delete(again);
      tab.receive(snapshot, 'reply');
    }, fail);
    done.then(({ snapshot }) => tab.receive(snapshot, 'reply'), fail);
  }

  function fail(error: unknown): void {
    broken ??= error;
  }

  const tabs = Array.from({ length: settings.tabs }, (_, index) =>
    createModelTab(`tab ${index}`, {
      wall,
      now: () => scheduler.now,
      way: () => Math.floor(wayRandom() * settings.longestWay),
      seen: () => (settings.readable ? server.jar.seen : undefined),
      forget(sessionId) {
        if (server.jar.seen === sessionId) server.jar = { ...server.jar, seen: null };
      },
      ask: (tab, make) => ask(index % 2, tab, make),
    }),
  );

  function killOwner(owner: object): void {
    const host = hosts.findIndex((candidate) => candidate?.life === owner);
    const life = hosts[host]?.life;
    if (!life) return;
    hosts[host] = undefined;
    guard(() => invariants.onKill(life));
    origin.kill(life);
    const waiting = [...(unheard.get(life) ?? [])];
    unheard.delete(life);
    for (const again of waiting) again();
  }

  const stored = () => origin.cell() as State;

  let hasStoodStill = false;

  function stand(host: number, isStill: boolean): void {
    const life = hosts[host]?.life;
    if (!life) return;
    hasStoodStill ||= isStill;
    origin.stand(life, isStill);
  }

  function goOn(): boolean {
    for (const host of hosts.keys()) stand(host, false);
    return hasStoodStill;
  }

  /** Lets everything that is on its way arrive or give up. */
  async function rest(): Promise<void> {
    await scheduler.drain();
    for (let n = 0; n < 3; n += 1) {
      await scheduler.advance(15_001);
      await scheduler.drain();
    }
  }

  /** The page's own clock comes round: it looks again at every instant it was told. */
  async function round(active: ModelTab): Promise<void> {
    const { wakeAt } = origin.cell() as { wakeAt: number };
    await scheduler.advance(Math.max(1_000, wakeAt === Infinity ? 0 : wakeAt - wall()));
    invariants.onAct();
    active.act();
    for (const tab of tabs) tab.look();
    await scheduler.drain();
  }

  /**
   * I3 beside a page that stands still at any step of a request, with the lock or without it: a
   * user in another page keeps the session.
   */
  async function roundsBesideStill(active: ModelTab): Promise<void> {
    tabs[1]?.ask('extend');
    for (let n = 0; n < settings.stillAfter; n += 1) await scheduler.step(0);
    stand(1, true);
    const from = scheduler.now;
    for (let n = 0; n < 2; n += 1) {
      await round(active);
      await rest();
    }
    if (broken) throw broken;
    if (stored().status === 'active' && invariants.confirmedAt < from)
      throw new Error(`I3: no beat beside a page that stands still since ${from}, ${JSON.stringify(stored())}`);
    stand(1, false);
    await rest();
    await round(active);
    if (broken) throw broken;
    if (server.isAlive(server.jar.secret, scheduler.now) !== (stored().status === 'active'))
      throw new Error(`I5: the page that stood still has left ${JSON.stringify(stored())}`);
  }

  return {
    scheduler,
    server,
    tabs,
    stand,
    goOn,
    isStill(tab) {
      const life = hosts[tabs.indexOf(tab) % 2]?.life;
      return !!life && scheduler.still.has(life);
    },
    wall,
    stored,
    killOwner,
    jump(span) {
      offset += span;
      invariants.onJump();
    },
    act(tab) {
      invariants.onAct();
      tab.act();
    },
    kill(host) {
      const life = hosts[host]?.life;
      if (life) killOwner(life);
    },
    /** The fair suffix: faults stop, every tab takes a step. I3 and I5 hold then. */
    async finish() {
      if (broken) throw broken;
      server.fault = 'none';
      goOn();
      for (const tab of tabs) Object.assign(tab, { frozen: false, visible: true, pinned: null });
      await rest();
      for (const tab of tabs) tab.ask('hello');
      await rest();
      const [first] = tabs;
      if (!first) return;
      await round(first);
      await round(first);
      await round(first);
      if (broken) throw broken;
      const alive = server.isAlive(server.jar.secret, scheduler.now);
      const state = stored();
      if (alive !== (state.status === 'active')) {
        throw new Error(
          `I5: the server's session is ${alive ? 'alive' : 'over'}, the state is ${JSON.stringify(state)}`,
        );
      }
      for (const { name, snapshot, ends } of tabs) {
        if (snapshot?.epoch.n !== state.epoch.n || snapshot.status !== state.status) {
          throw new Error(`I5: ${name} knows ${JSON.stringify(snapshot)}, the state is ${JSON.stringify(state)}`);
        }
        for (const count of ends.values())
          if (count > 1) throw new Error(`I5: ${name} acted ${count} times on one end`);
      }
      // Of a newer record an older engine keeps the outbox as it is: it belongs to the newer one.
      if (!settings.mixed && state.toldEpoch !== state.epoch.n) throw new Error('I6: news are left in the outbox');
      if (!alive) return;
      const from = scheduler.now;
      for (let n = 0; n < 2; n += 1) await round(first);
      if (broken) throw broken;
      if (stored().status === 'active' && (invariants.confirmedAt < from || scheduler.now - from > 2 * interval)) {
        throw new Error(`I3: no beat for a present user since ${from}, ${JSON.stringify(stored())}`);
      }
      // What is obeyed of a newer record says nothing of what is on its way.
      if (!settings.mixed) await roundsBesideStill(first);
    },
  };
}
