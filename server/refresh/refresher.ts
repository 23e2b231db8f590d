import { setTimeout as sleep } from 'node:timers/promises';
import { logFailure } from '../observe/logger.js';
import type { SessionRecord } from '../store/store.js';
import { holdLease } from './hold-lease.js';
import { isHolderDead } from './holder.js';
import { noteBrokenOff } from './keep-notes.js';
import { type Flight, later, type Outcome, type RefreshContext } from './refresh-context.js';
import { refreshUnderLease, settledBy } from './refresh-under-lease.js';

type Flights = Map<string, Flight & { told: Promise<Outcome> }>;

/**
 * The flights of this process. They are kept on `globalThis`, because a bundler may load this
 * module twice in one process, and two maps would allow two refreshes.
 */
function sharedFlights(): Flights {
  const holder: { [name: symbol]: Flights | undefined } = globalThis;
  const name = Symbol.for('stillhere.flights');
  const flights = holder[name] ?? new Map();
  holder[name] = flights;
  return flights;
}

const LONGEST_POLL_MS = 250;

/**
 * Waits for the result of another process, and only reads. Resolves to `null` when the lease seems
 * to be free.
 */
async function watchOther(context: RefreshContext, flight: Flight, seen: SessionRecord): Promise<Outcome | null> {
  const { store, timings, closing } = context;
  const failedBefore = seen.notes.failure?.attempt ?? 0;
  const startedAt = performance.now();
  while (flight.waiters > 0 && !closing.aborted) {
    // The reads become rarer. If hundreds of requests wait, their reads must not slow down the work
    // for which they wait.
    const pause = Math.max(timings.pollMs, Math.min(LONGEST_POLL_MS, (performance.now() - startedAt) / 8));
    await sleep(pause * (1 + 1.5 * Math.random()));
    const record = await store.read(flight.key);
    const settled = settledBy(context, record, seen.generation);
    if (settled || !record) return settled;
    const { failure } = record.notes;
    if (failure && failure.attempt > failedBefore) return later(failure.reason, failure.retryAfter);
    const { lease } = record;
    if (!lease || isHolderDead(lease.holder)) return null;
  }
  return later('busy');
}

async function fly(context: RefreshContext, flight: Flight, seen: SessionRecord): Promise<Outcome> {
  const { slots, closing } = context;
  const isWanted = () => flight.waiters > 0 && !closing.aborted;
  for (;;) {
    const known = settledBy(context, seen, seen.generation);
    if (known) return known;
    let release = await slots.take(isWanted);
    if (!release) return later('busy');
    try {
      const lease = await holdLease(context, flight.key, seen.generation);
      if (lease) {
        const slot = {
          give: () => release?.(),
          async retake() {
            release = await slots.take(() => true);
          },
          stalled(outcome: Outcome) {
            release?.();
            flight.stalled(outcome);
          },
        };
        try {
          const outcome = await refreshUnderLease(context, flight.key, seen.generation, lease, slot);
          if (outcome) return outcome;
        } finally {
          await lease.release();
        }
        continue;
      }
    } finally {
      release?.();
    }
    const outcome = await watchOther(context, flight, seen);
    if (outcome) return outcome;
  }
}

export interface Refresher {
  /** Joins the session's flight or starts one. The caller leaves it when it no longer waits. */
  join(seen: SessionRecord): { outcome: Promise<Outcome>; leave(): void };
}

/**
 * Makes one refresh per session at a time: within this process by a shared promise, and across
 * processes by a lease in the store.
 */
export function createRefresher(context: RefreshContext, flights: Flights = sharedFlights()): Refresher {
  const start = (seen: SessionRecord) => {
    let stalled: Flight['stalled'] = () => undefined;
    const early = new Promise<Outcome>((resolve) => {
      stalled = resolve;
    });
    const flight: Flight = { key: seen.key, waiters: 0, stalled };
    // The flight starts a microtask later, when its first caller counts as waiting.
    const flown = Promise.resolve().then(() => fly(context, flight, seen));
    const outcome = flown.catch(async (error): Promise<Outcome> => {
      logFailure(context.logger, 'error', error, 'a refresh could not be carried out', { event: 'refresh.fail' });
      flight.stalled(later('store_unavailable'));
      // This runs within the flight, so that no other attempt of this process runs at the same
      // time.
      await noteBrokenOff(context, seen.key);
      return later('store_unavailable');
    });
    const entry = Object.assign(flight, { told: Promise.race([outcome, early]) });
    flights.set(seen.key, entry);
    context.beside(
      outcome.then(() => {
        if (flights.get(seen.key) === entry) flights.delete(seen.key);
      }),
    );
    return entry;
  };

  return {
    join(seen) {
      const entry = flights.get(seen.key) ?? start(seen);
      entry.waiters += 1;
      let waiting = true;
      return {
        outcome: entry.told,
        leave() {
          if (waiting) entry.waiters -= 1;
          waiting = false;
        },
      };
    },
  };
}
