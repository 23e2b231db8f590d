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
 * On `globalThis`: a bundler may load this module twice in one process, and two maps would mean two
 * refreshes.
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
 * Waits, reading only, for what another process makes of the session; `null` once the lease looks
 * free.
 */
async function watchOther(context: RefreshContext, flight: Flight, seen: SessionRecord): Promise<Outcome | null> {
  const { store, timings, closing } = context;
  const failedBefore = seen.notes.failure?.attempt ?? 0;
  const startedAt = performance.now();
  while (flight.waiters > 0 && !closing.aborted) {
    // Rarer the longer it takes: where hundreds wait, their questions must not slow down what they
    // wait for.
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
  /** Joins the session's flight or starts it; the caller leaves when it no longer waits. */
  join(seen: SessionRecord): { outcome: Promise<Outcome>; leave(): void };
}

/**
 * One refresh per session at a time, whoever asks: in this process by a shared promise, across
 * processes by a lease in the store.
 */
export function createRefresher(context: RefreshContext, flights: Flights = sharedFlights()): Refresher {
  const start = (seen: SessionRecord) => {
    let stalled: Flight['stalled'] = () => undefined;
    const early = new Promise<Outcome>((resolve) => {
      stalled = resolve;
    });
    const flight: Flight = { key: seen.key, waiters: 0, stalled };
    // A microtask later, when whoever starts it counts as waiting.
    const flown = Promise.resolve().then(() => fly(context, flight, seen));
    const outcome = flown.catch(async (error): Promise<Outcome> => {
      logFailure(context.logger, 'error', error, 'a refresh could not be carried out', { event: 'refresh.fail' });
      flight.stalled(later('store_unavailable'));
      // In the flight: no other attempt of this process is under way meanwhile.
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
