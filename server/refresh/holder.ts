import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

function orEmpty(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}

/**
 * Only processes of one boot and one pid namespace may judge each other's pids: two containers may
 * share a host name.
 */
const here = createHash('sha256')
  .update(hostname())
  .update(orEmpty(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')))
  .update(orEmpty(() => readlinkSync('/proc/self/ns/pid')))
  .digest('base64url')
  .slice(0, 12);

/**
 * A process's state, and its start in clock ticks since boot, where the system tells them (proc(5),
 * `/proc/pid/stat`).
 */
function statOf(pid: number): { state: string; start: string } {
  const stat = orEmpty(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', start: fields[19] ?? '' };
}

/**
 * A name for one service in this process (or in another of this host), as leases and markers carry
 * it: host, pid, start time and a random part.
 */
export function newHolder(pid: number = process.pid): string {
  return [here, pid, statOf(pid).start, randomBytes(6).toString('base64url')].join('.');
}

/** A stopped process (SIGSTOP, a debugger) may never go on. */
const STOPPED = ['T', 't'];

/**
 * What is known of the process that a holder names. Of one on another host nothing is, and of one
 * that is stopped no more.
 */
export function stateOfHolder(holder: string): 'runs' | 'dead' | 'unknown' {
  const [host, pidText, start] = holder.split('.');
  const pid = Number(pidText);
  if (host !== here || !Number.isSafeInteger(pid) || pid <= 0) return 'unknown';
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH' ? 'dead' : 'unknown';
  }
  const now = statOf(pid);
  // A pid alone may have been given to another process; and one that was killed keeps its pid until
  // its parent asks after it.
  if (now.start !== start || now.state === 'Z' || now.state === 'X') return 'dead';
  return STOPPED.includes(now.state) ? 'unknown' : 'runs';
}

/**
 * Whether the process that a holder names is known to be gone; `false` for one on another host,
 * whatever became of it.
 */
export const isHolderDead = (holder: string): boolean => stateOfHolder(holder) === 'dead';
