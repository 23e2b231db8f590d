import { setImmediate as nextTurn } from 'node:timers/promises';
import { failed, isBusy, PATIENCE_MS, pauseBefore } from './sqlite-busy.js';
import type { SqliteConnection } from './sqlite-connection.js';

/** Writes that share one transaction at most: they take some milliseconds. */
const MOST_TOGETHER = 100;

interface Write {
  work(): void;
  done(): void;
  fail(error: unknown): void;
  giveUpAt: number;
}

/** Runs each alone, so that one that throws takes no other with it. */
function runAlone(connection: SqliteConnection, writes: readonly Write[]): void {
  for (const { work, done, fail } of writes) {
    try {
      connection.transaction(work);
      done();
    } catch (error) {
      fail(failed(error));
    }
  }
}

function runTogether(connection: SqliteConnection, writes: readonly Write[]): void {
  try {
    connection.transaction(() => {
      for (const { work } of writes) work();
    });
    for (const { done } of writes) done();
  } catch (error) {
    if (isBusy(error)) throw error;
    runAlone(connection, writes);
  }
}

/**
 * Queues the writes of one connection. Those that come while the event loop turns, or while another process has the file, share one
 * transaction: many grants at once cost a few, and one process has one place in the race for the lock.
 */
export function createWriter(connection: SqliteConnection): <T>(work: () => T) => Promise<T> {
  const queue: Write[] = [];
  let running = false;

  const giveUp = (error: unknown): void => {
    const now = performance.now();
    const kept = queue.findIndex(({ giveUpAt }) => giveUpAt >= now);
    const late = queue.splice(0, kept < 0 ? queue.length : kept);
    for (const { fail } of late) fail(failed(error));
  };

  const run = async (): Promise<void> => {
    await nextTurn();
    let attempt = 0;
    while (queue.length > 0) {
      try {
        const batch = queue.slice(0, MOST_TOGETHER);
        runTogether(connection, batch);
        queue.splice(0, batch.length);
        attempt = 0;
        if (queue.length > 0) await nextTurn();
      } catch (error) {
        giveUp(error);
        await pauseBefore(attempt);
        attempt += 1;
      }
    }
    running = false;
  };

  return <T>(work: () => T): Promise<T> =>
    new Promise((resolve, reject) => {
      let settle = () => {};
      queue.push({
        work() {
          const result = work();
          settle = () => resolve(result);
        },
        done: () => settle(),
        fail: reject,
        giveUpAt: performance.now() + PATIENCE_MS,
      });
      if (!running) void run();
      running = true;
    });
}
