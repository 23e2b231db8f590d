import type { Answer, RefreshRequest } from '../core/events.js';
import { createEngine } from '../engine.js';
import type { Engine } from '../engine-types.js';
import type { Ports } from '../ports.js';
import type { ChannelMessage } from '../protocol.js';
import { STATE_VERSION } from '../stored-state.js';
import { failed } from './build-state.js';
import type { FakeServer } from './fake-server.js';
import type { Scheduler } from './scheduler.js';

/** One life of a worker or of a page's engine. */
export interface Life {
  name: string;
  dead: boolean;
}

/** A request that is awaited. */
interface AwaitedFlight {
  life: Life;
  /** It may have left without the lock, past a holder that stood still. */
  hasPassed: boolean;
  /** Its engine has stood still while it was on its way: others may have passed it. */
  wasStill: boolean;
}

interface Waiter {
  life: Life;
  start: () => void;
}

/** What the invariants hear of. */
export interface Watch {
  wall(): number;
  random(): number;
  onWrite(before: unknown, after: unknown, life: Life): void;
  /** `awaited`: how many requests are awaited that must not be, this one among them. */
  onSend(request: RefreshRequest, life: Life, awaited: number): void;
  onAnswer(answer: Answer, life: Life): void;
  onPost(message: ChannelMessage): void;
}

export interface FakeOrigin {
  /** What is stored, for all. */
  cell(): unknown;
  /**
   * `isNewer`: an engine of the next version of the state, which reads its own records and ours.
   */
  start(name: string, checkable: boolean, isNewer?: boolean): { engine: Engine; life: Life };
  kill(life: Life): void;
  /** A page stands still, as with a dialog open, and later goes on. */
  stand(life: Life, isStill: boolean): void;
  /** Puts something else into the store. */
  spoil(stored: unknown): void;
}

/**
 * The storage, the lock and the network that all engines of one origin share, and the ports to
 * them.
 */
export function createFakeOrigin(scheduler: Scheduler, server: FakeServer, watch: Watch): FakeOrigin {
  let cell: unknown;
  let holder: Waiter | null = null;
  let waiters: Waiter[] = [];
  let inFlight: AwaitedFlight[] = [];
  let ids = 0;
  /**
   * Engines that have given up a wait for the lock since they sent something: the next request may
   * pass its holder.
   */
  const passers = new Set<Life>();

  function grant(): void {
    const next = holder ? undefined : waiters.shift();
    if (!next) return;
    holder = next;
    scheduler.push('lock', `lock -> ${next.life.name}`, next.life, () => next.start);
  }

  /**
   * What an engine of the next version makes of a change by ours: records of a version that ours
   * can only obey.
   */
  const newer = (change: (stored: unknown) => unknown) => (stored: unknown) => {
    const known = stored as { v?: number } | undefined;
    const written = change(known && { ...known, v: STATE_VERSION });
    return { ...(written as object), v: STATE_VERSION + 1 };
  };

  function ports(life: Life, isNewer: boolean): Ports {
    return {
      clock: { now: watch.wall },
      random: {
        next: watch.random,
        id() {
          ids += 1;
          return `id${ids}`;
        },
      },
      store: {
        shared: true,
        update: (change) =>
          new Promise<void>((resolve, reject) => {
            if (life.dead) return;
            scheduler.push('store', `${life.name} saves`, life, () => {
              const before = cell;
              try {
                cell = (isNewer ? newer(change) : change)(before);
                watch.onWrite(before, cell, life);
              } catch (error) {
                return () => reject(error);
              }
              return resolve;
            });
          }),
      },
      lock: {
        shared: true,
        run: <T>(signal: AbortSignal, work: () => Promise<T>) =>
          new Promise<T>((resolve, reject) => {
            if (life.dead) return;
            const release = () => {
              if (holder !== waiter) return;
              holder = null;
              grant();
            };
            const waiter: Waiter = { life, start: () => void work().finally(release).then(resolve, reject) };
            signal.addEventListener('abort', () => {
              if (!waiters.includes(waiter)) return;
              waiters = waiters.filter((other) => other !== waiter);
              passers.add(life);
              reject(signal.reason);
            });
            waiters.push(waiter);
            grant();
          }),
      },
      refresh: {
        send: (request, signal) =>
          new Promise<Answer>((resolve) => {
            if (life.dead) return;
            const flight: AwaitedFlight = { life, hasPassed: passers.delete(life), wasStill: false };
            // A holder that stood still may come back while the request that has passed it is on
            // its way.
            const others = inFlight.filter(({ hasPassed, wasStill }) => !(wasStill || hasPassed || flight.hasPassed));
            inFlight.push(flight);
            watch.onSend(request, life, others.length + 1);
            let open = true;
            const settle = (answer: Answer) => {
              if (!open || life.dead) return;
              open = false;
              inFlight = inFlight.filter((other) => other !== flight);
              watch.onAnswer(answer, life);
              resolve(answer);
            };
            const { secret } = server.jar;
            signal.addEventListener('abort', () => settle(failed('timeout')));
            // Nobody's: what has left arrives, whoever dies meanwhile.
            scheduler.push(`net ${life.name}`, `${request.kind} of ${life.name} arrives`, null, () => {
              const answer = server.handle(secret, request, scheduler.now);
              if (answer) {
                scheduler.push(
                  `net ${life.name}`,
                  `${life.name} is told ${answer.kind}`,
                  life,
                  () => () => settle(answer),
                );
              }
              return undefined;
            });
          }),
      },
      channel: { post: (message) => void (life.dead || watch.onPost(message)) },
    };
  }

  return {
    cell: () => cell,
    spoil(stored) {
      cell = stored;
    },
    start(name, checkable, isNewer = false) {
      const life: Life = { name, dead: false };
      return { life, engine: createEngine(ports(life, isNewer), checkable) };
    },
    stand(life, isStill) {
      if (!isStill) {
        scheduler.still.delete(life);
        return;
      }
      scheduler.still.add(life);
      for (const flight of inFlight) flight.wasStill ||= flight.life === life;
    },
    kill(life) {
      life.dead = true;
      scheduler.still.delete(life);
      scheduler.drop(life);
      inFlight = inFlight.filter((flight) => flight.life !== life);
      waiters = waiters.filter((waiter) => waiter.life !== life);
      if (holder?.life === life) holder = null;
      grant();
    },
  };
}
