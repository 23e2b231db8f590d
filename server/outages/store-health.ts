import { codeOf, errorFacts, type Logger } from '../observe/logger.js';
import { aroundStore } from '../store/around-store.js';
import { type SessionStore, StoreError } from '../store/store.js';
import type { Gap } from './gaps.js';
import { createPatience } from './patience.js';

/** When the store was asked, by the service's own clock and by one that nobody can set. */
export interface Start {
  at: number;
  tick: number;
}

/** Knows if the store is away, and tells when it is back. */
export interface StoreHealth {
  /** The start of the outage that is under way, or `null`. */
  awaySince(): number | null;
  /** `listener` gets each outage when it is over: from the start of the first call that failed. */
  onBack(listener: (outage: Gap) => void): () => void;
  /** The store, observed. A call that throws or is left unanswered rejects with a `StoreError`. */
  readonly store: SessionStore;
  start(): Start;
  /** A request that began then has given the store up. */
  late(start: Start, error: StoreError): void;
  /** No more probes and no more lines: the store is being closed. */
  stop(): void;
}

const PROBE_MS = 1_000;
const LONGEST_PROBE_MS = 30_000;
/** A probe that takes longer than this has failed. */
const SLOW_MS = 1_500;
/** The shortest time after which a call without an answer has failed. */
const LEAST_CALL_MS = 1_000;
/**
 * A store that fails again within this time was not back. Probes become rarer then, so that a store
 * that comes and goes causes few lines in the log.
 */
const STEADY_MS = 10_000;

/** Errors of the program, or of one row: they say nothing about the store as a whole. */
const FAULTS: readonly (string | null)[] = ['SyntaxError', 'TypeError', 'RangeError'];

const asStoreError = (error: unknown): StoreError =>
  error instanceof StoreError
    ? error
    : new StoreError('The session store failed', codeOf(error) ?? (error instanceof Error ? error.name : null));

/**
 * Observes the calls of one store. The first failure begins an outage, which is one line in the log
 * however many calls fail. A probe that writes ends it: reads may go on while a disk is full, and
 * without requests there is no other call that could tell.
 */
export function createStoreHealth(input: {
  store: SessionStore;
  now: () => number;
  logger: Logger;
  /** After that time without an answer a call has failed. */
  callMs: number;
}): StoreHealth {
  const { store, now, logger } = input;
  const callMs = Math.max(LEAST_CALL_MS, input.callMs);
  const back = new Set<(outage: Gap) => void>();
  let outage: { from: number; failures: number; failedAt: number } | null = null;
  let probeMs = PROBE_MS;
  let backAt = Number.NEGATIVE_INFINITY;
  /** The start of the probe that ended the last outage: that an earlier call fails is no news. */
  let wellAt = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  let probing = false;
  let stopped = false;

  const start = (): Start => ({ at: now(), tick: performance.now() });
  /** The stores of this package give up by themselves; an application's own may never answer. */
  const answered = <T>(work: Promise<T>): Promise<T> => createPatience(callMs, () => undefined).limit(work);

  const end = ({ at: to, tick }: Start): void => {
    if (!outage) return;
    const { from, failures } = outage;
    outage = null;
    wellAt = tick;
    backAt = performance.now();
    clearTimeout(timer);
    logger.warn(
      { event: 'store.back', seconds: Math.round((to - from) / 100) / 10, failures },
      'the session store answers again',
    );
    for (const listener of back) listener({ from, to });
  };

  const probe = async (): Promise<void> => {
    if (probing || stopped || !outage) return;
    probing = true;
    const begun = start();
    const { at, tick } = begun;
    try {
      await answered(store.remember({ name: 'probe', value: at, now: at, expiresAt: at + 60_000 }));
      // If a call has failed in the meantime, or the probe took too long, the store is not back.
      const isWell = performance.now() - tick < SLOW_MS;
      if (isWell && outage && outage.failedAt < tick && !stopped) end(begun);
    } catch {
      // It is still away.
    } finally {
      probing = false;
      probeLater();
    }
  };

  function probeLater(): void {
    clearTimeout(timer);
    if (!outage || stopped) return;
    timer = setTimeout(() => void probe(), probeMs * (0.75 + Math.random() / 2));
    timer.unref();
  }

  const begin = (from: number, error: StoreError): void => {
    outage = { from, failures: 1, failedAt: performance.now() };
    probeMs = performance.now() - backAt < STEADY_MS ? Math.min(LONGEST_PROBE_MS, probeMs * 2) : PROBE_MS;
    logger.error({ event: 'store.away', ...errorFacts(error) }, 'the session store failed');
    probeLater();
  };

  const failed = ({ at: from, tick }: Start, error: StoreError): void => {
    if (stopped) return;
    if (FAULTS.includes(error.kind)) {
      logger.error({ event: 'store.fail', ...errorFacts(error) }, 'a call of the session store failed');
      return;
    }
    if (tick < wellAt) return;
    if (outage) Object.assign(outage, { failures: outage.failures + 1, failedAt: performance.now() });
    else begin(from, error);
  };

  const observed = async <T>(work: () => Promise<T>): Promise<T> => {
    const begun = start();
    try {
      const result = await work();
      if (outage && outage.failedAt < begun.tick && probeMs === PROBE_MS) void probe();
      return result;
    } catch (error) {
      const failure = asStoreError(error);
      failed(begun, failure);
      throw failure;
    }
  };

  return {
    awaySince: () => outage?.from ?? null,
    onBack(listener) {
      back.add(listener);
      return () => void back.delete(listener);
    },
    store: {
      ...aroundStore(store, (work) => observed(() => answered(work()))),
      // A purge may take long. It pauses, so that other calls have their turn.
      purge: (...args) => observed(() => store.purge(...args)),
    },
    start,
    late: failed,
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
