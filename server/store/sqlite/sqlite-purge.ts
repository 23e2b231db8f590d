import { setTimeout as sleep } from 'node:timers/promises';
import { textOf } from '../record-row.js';
import type { SqliteConnection } from './sqlite-connection.js';

/**
 * The rows of one transaction. Each takes 60 us of CPU, so together they take some milliseconds.
 */
const PURGE_STEP = 100;
/** The rows of one run. The next run drops the rest. */
const MOST_PURGED = 50_000;
/**
 * The pause after a step is so many times as long as the step took, up to a most: on a busy machine
 * a step takes long.
 */
const PAUSE_SHARE = 3;
const LONGEST_PAUSE_MS = 20;
const DAY_MS = 86_400_000;

/** Does one step. Returns the number of rows that it found. */
function purgeStep(db: SqliteConnection, now: number): number {
  const keys = db.all('select key from sessions where purge_at <= ? order by purge_at limit ?', [now, PURGE_STEP]);
  for (const row of keys) {
    const key = textOf(row, 'key');
    for (const table of ['tokens', 'leases', 'sessions']) db.run(`delete from ${table} where key = ?`, [key]);
  }
  const forget = (table: string) =>
    db.run(`delete from ${table} where name in (select name from ${table} where expires_at <= ? limit ?)`, [
      now,
      PURGE_STEP,
    ]);
  return keys.length + forget('remembered') + forget('left_texts');
}

/**
 * Drops what is over in small transactions. The pauses between them are for the beats of this
 * process and for other processes.
 */
export async function purgeSqlite(
  db: SqliteConnection,
  write: <T>(work: () => T) => Promise<T>,
  now: number,
  signal?: AbortSignal,
): Promise<void> {
  for (let purged = 0; purged < MOST_PURGED; ) {
    let tookMs = 0;
    const rows = await write(() => {
      const startedAt = performance.now();
      const found = purgeStep(db, now);
      tookMs = performance.now() - startedAt;
      return found;
    });
    if (rows === 0) break;
    purged += rows;
    await sleep(Math.min(LONGEST_PAUSE_MS, tookMs * PAUSE_SHARE));
    if (signal?.aborted) return;
  }
  await write(() => db.run('delete from leases where until <= ? - ?', [now, DAY_MS]));
}
