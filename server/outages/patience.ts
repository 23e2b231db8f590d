import { StoreError } from '../store/store.js';

/**
 * All store calls of one request share one deadline, so that several slow calls do not add up.
 */
export interface Patience {
  /**
   * Waits for the work until the time is over, then fails with a `StoreError`. The work itself goes
   * on.
   */
  limit<T>(work: Promise<T>): Promise<T>;
  /** Waits for something else than the store, which does not count. */
  exempt<T>(work: Promise<T>): Promise<T>;
}

export function createPatience(ms: number, onLate: (error: StoreError) => void): Patience {
  let leftMs = ms;
  let runsSince = performance.now();
  let timer: NodeJS.Timeout | undefined;
  let lastTurn: NodeJS.Immediate | undefined;
  let isOver = false;
  let reject = (_error: StoreError): void => {};

  const expire = (): void => {
    isOver = true;
    const error = new StoreError('The session store failed', 'timeout');
    onLate(error);
    reject(error);
  };
  const run = (): void => {
    // Work that goes on after its deadline is reported as late once.
    if (isOver) return;
    runsSince = performance.now();
    timer = setTimeout(() => {
      // An answer that has arrived while this process was busy is not late: it has its turn first.
      lastTurn = setImmediate(expire);
    }, leftMs);
  };
  const stand = (): void => {
    clearTimeout(timer);
    clearImmediate(lastTurn);
    leftMs = Math.max(0, leftMs - (performance.now() - runsSince));
  };

  return {
    limit: (work) =>
      new Promise((resolve, fail) => {
        reject = fail;
        run();
        const done = () => {
          isOver = true;
          stand();
        };
        work.then(done, done);
        work.then(resolve, fail);
      }),
    async exempt(work) {
      stand();
      try {
        return await work;
      } finally {
        run();
      }
    },
  };
}
