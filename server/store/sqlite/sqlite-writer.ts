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

/** Runs the first of the queue one by one, so that one that throws takes no other with it. */
function runAlone(connection: SqliteConnection, queue: Write[], count: number): void {
  for (const { work, done, fail } of queue.slice(0, count)) {
    try {
      connection.transaction(work);
      done();
    } catch (error) {
      if (isBusy(error)) throw error;
      fail(failed(error));
    }
    queue.shift();
  }
}

/** Runs the first of the queue and takes them out. Throws if the file is busy: the rest stay. */
function runTogether(connection: SqliteConnection, queue: Write[]): void {
  const batch = queue.slice(0, MOST_TOGETHER);
  try {
    connection.transaction(() => {
      for (const { work } of batch) work();
    });
  } catch (error) {
    if (isBusy(error)) throw error;
    runAlone(connection, queue, batch.length);
    return;
  }
  queue.splice(0, batch.length);
  for (const { done } of batch) done();
}

/**
 * Queues the writes of one connection. Those that come while the event loop turns, or while another
 * process has the file, share one transaction: many grants at once cost a few, and one process has
 * one place in the race for the lock.
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
        runTogether(connection, queue);
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
