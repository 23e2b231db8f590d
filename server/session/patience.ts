import { StoreError } from './store.js';

/** All that one request asks of the store has one deadline together: calls that are slow one by one do not add up. */
export interface Patience {
  /** Waits for the work until the time is over, then fails with a `StoreError`. The work itself goes on. */
  limit<T>(work: Promise<T>): Promise<T>;
  /** Waits for something else than the store, which does not count. */
  exempt<T>(work: Promise<T>): Promise<T>;
}

export function createPatience(ms: number, onLate: (error: StoreError) => void): Patience {
  let leftMs = ms;
  let runsSince = performance.now();
  let timer: NodeJS.Timeout | undefined;
  let expire = (_error: StoreError): void => {};

  let isOver = false;

  const run = (): void => {
    // Work that goes on after its deadline is late once, not again.
    if (isOver) return;
    runsSince = performance.now();
    timer = setTimeout(() => {
      // An answer that has arrived while this process was busy is not late: it has its turn first.
      setImmediate(() => {
        if (isOver) return;
        isOver = true;
        const error = new StoreError('The session store failed', 'timeout');
        onLate(error);
        expire(error);
      });
    }, leftMs);
  };
  const stand = (): void => {
    clearTimeout(timer);
    leftMs = Math.max(0, leftMs - (performance.now() - runsSince));
  };

  return {
    limit: (work) =>
      new Promise((resolve, reject) => {
        expire = reject;
        run();
        const done = () => {
          isOver = true;
          clearTimeout(timer);
        };
        work.then(done, done);
        work.then(resolve, reject);
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
