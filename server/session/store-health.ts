import { aroundStore } from './around-store.js';
import { codeOf, errorFacts, type Logger } from './logger.js';
import { type SessionStore, StoreError } from './store.js';

/** A time in which the store failed. Instants are the service's own clock in milliseconds. */
export interface StoreOutage {
  /** The start of the first call that failed. */
  from: number;
  to: number;
  /** The number of calls that failed. */
  failures: number;
}

/** Knows if the store is away, and tells when it goes and when it is back. Each listener is removed by the function that it gets. */
export interface StoreHealth {
  /** The start of the outage that is under way, or `null`. */
  awaySince(): number | null;
  onAway(listener: (from: number) => void): () => void;
  onBack(listener: (outage: StoreOutage) => void): () => void;
  /** The store, observed. Whatever it throws becomes a `StoreError`. */
  readonly store: SessionStore;
  /** A request that began at `from` has given the store up. */
  late(from: number, error: StoreError): void;
  /** No more probes and no more lines: the store is being closed. */
  stop(): void;
}

const PROBE_MS = 1_000;
const LONGEST_PROBE_MS = 30_000;
/** A probe that takes longer than this has failed. */
const SLOW_MS = 1_500;
/** A store that fails again so soon was not back: probes become rarer, so that a store that comes and goes writes few lines. */
const STEADY_MS = 10_000;

/** Errors of the program, or of one row: they say nothing about the store as a whole. */
const FAULTS: readonly (string | null)[] = ['SyntaxError', 'TypeError', 'RangeError'];

const asStoreError = (error: unknown): StoreError =>
  error instanceof StoreError
    ? error
    : new StoreError('The session store failed', codeOf(error) ?? (error instanceof Error ? error.name : null));

/**
 * Observes the calls of one store. The first failure begins an outage, which is one line in the log however many calls fail. A probe that
 * writes ends it: reads may go on while a disk is full, and without requests there is no other call that could tell.
 */
export function createStoreHealth(input: { store: SessionStore; now: () => number; logger: Logger }): StoreHealth {
  const { store, now, logger } = input;
  const away = new Set<(from: number) => void>();
  const back = new Set<(outage: StoreOutage) => void>();
  let outage: { from: number; failures: number; failedAt: number } | null = null;
  let probeMs = PROBE_MS;
  let backAt = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  let probing = false;
  let stopped = false;

  const end = (to: number): void => {
    if (!outage) return;
    const { from, failures } = outage;
    outage = null;
    backAt = performance.now();
    clearTimeout(timer);
    logger.warn(
      { event: 'store.back', seconds: Math.round((to - from) / 100) / 10, failures },
      'the session store answers again',
    );
    for (const listener of back) listener({ from, to, failures });
  };

  const probe = async (): Promise<void> => {
    if (probing || stopped || !outage) return;
    probing = true;
    const [at, begun] = [now(), performance.now()];
    try {
      await store.remember({ name: 'probe', value: at, now: at, expiresAt: at + 60_000 });
      // A call that failed meanwhile knows better, and a store that is so slow is not back.
      const isWell = performance.now() - begun < SLOW_MS;
      if (isWell && outage && outage.failedAt < begun && !stopped) end(at);
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
    for (const listener of away) listener(from);
    probeLater();
  };

  const failed = (from: number, error: StoreError): void => {
    if (stopped) return;
    if (FAULTS.includes(error.kind))
      logger.error({ event: 'store.fail', ...errorFacts(error) }, 'a call of the session store failed');
    else if (outage) Object.assign(outage, { failures: outage.failures + 1, failedAt: performance.now() });
    else begin(from, error);
  };

  const subscribe = <T>(listeners: Set<T>, listener: T) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };

  return {
    awaySince: () => outage?.from ?? null,
    onAway: (listener) => subscribe(away, listener),
    onBack: (listener) => subscribe(back, listener),
    store: aroundStore(store, async (work) => {
      const [from, begun] = [now(), performance.now()];
      try {
        const result = await work();
        if (outage && outage.failedAt < begun && probeMs === PROBE_MS) void probe();
        return result;
      } catch (error) {
        const failure = asStoreError(error);
        failed(from, failure);
        throw failure;
      }
    }),
    late: failed,
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
