import { setTimeout as sleep } from 'node:timers/promises';
import { StoreError } from '../store.js';

/**
 * How long a call waits for a file that another process has locked: less than a request does, so
 * that the log has the store's own reason.
 */
export const PATIENCE_MS = 4_500;
const FIRST_PAUSE_MS = 2;
const LONGEST_PAUSE_MS = 50;

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

export function isBusy(error: unknown): boolean {
  const code = codeOf(error);
  return code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED');
}

export const failed = (error: unknown): StoreError => new StoreError('The session store failed', codeOf(error));

/**
 * Waits between two attempts at a locked file, longer each time. The waiting is ours, asynchronous
 * and jittered: SQLite's own busy time-out would block this process's event loop.
 */
export async function pauseBefore(attempt: number): Promise<void> {
  const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(attempt, 10));
  await sleep(pause / 2 + Math.random() * pause);
}

/** Runs `work`, and again while another process has the file locked. */
export async function retryWhileBusy<T>(work: () => T): Promise<T> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  for (let attempt = 0; ; attempt += 1) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error) || performance.now() > giveUpAt) throw failed(error);
    }
    await pauseBefore(attempt);
  }
}
