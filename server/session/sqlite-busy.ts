import { setTimeout as sleep } from 'node:timers/promises';
import { StoreError } from './store.js';

const PATIENCE_MS = 5_000;

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

/**
 * Runs `work`, and again while another process has the file locked. The waiting is ours, asynchronous and jittered: SQLite's own busy
 * time-out would block this process's event loop, and with it everybody else's beat.
 */
export async function retryWhileBusy<T>(work: () => T): Promise<T> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  for (let pause = 2; ; pause = Math.min(50, pause * 2)) {
    try {
      return work();
    } catch (error) {
      const code = codeOf(error);
      const busy = code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED');
      if (!busy || performance.now() > giveUpAt) throw new StoreError('The session store failed', code);
    }
    await sleep(pause / 2 + Math.random() * pause);
  }
}
