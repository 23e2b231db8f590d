import type { RefreshContext } from './refresh-context.js';

/** The pauses before the store is asked again, in milliseconds. The last one repeats. */
const PAUSES_MS = [100, 400, 1_500, 4_000, 5_000];
const LAST_PAUSE = PAUSES_MS.length - 1;
/** How long a process that ends waits for the store, in milliseconds. */
const CLOSING_MS = 8_000;

/** Resolves after the pause, or as soon as the store is back or the process begins to end. */
function pauseUntilBack(context: Pick<RefreshContext, 'health' | 'closing'>, ms: number): Promise<void> {
  const { health, closing } = context;
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      stop();
      closing.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    const stop = health.onBack(end);
    closing.addEventListener('abort', end);
  });
}

/**
 * Does a call of the store that must not be lost, and repeats it while it fails, for at most
 * `timings.storeForMs`. A process that ends gives up sooner. `waits` is called once, after the
 * first failures. Rejects with the last failure.
 */
export async function askWhileAway<T>(
  context: Pick<RefreshContext, 'health' | 'closing' | 'timings'>,
  work: () => Promise<T>,
  waits: (error: unknown) => void = () => undefined,
): Promise<T> {
  const { closing, timings } = context;
  const giveUpAt = performance.now() + timings.storeForMs;
  let closedAt = Number.POSITIVE_INFINITY;
  for (let failures = 0; ; failures += 1) {
    try {
      return await work();
    } catch (error) {
      const at = performance.now();
      if (closing.aborted) closedAt = Math.min(closedAt, at);
      if (at >= giveUpAt || at >= closedAt + CLOSING_MS) throw error;
      if (failures === LAST_PAUSE) waits(error);
      await pauseUntilBack(context, PAUSES_MS[Math.min(failures, LAST_PAUSE)] ?? 0);
    }
  }
}
