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
 * Returns a process's state and its start in clock ticks since boot, if the system tells them
 * (proc(5), `/proc/pid/stat`).
 */
function statOf(pid: number): { state: string; start: string } {
  const stat = orEmpty(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', start: fields[19] ?? '' };
}

/**
 * Makes the name of one service in a process of this host, for leases and markers: host, pid, start
 * time and a random part.
 */
export function newHolder(pid: number = process.pid): string {
  return [here, pid, statOf(pid).start, randomBytes(6).toString('base64url')].join('.');
}

/** A stopped process (SIGSTOP, a debugger) may never go on. */
const STOPPED = ['T', 't'];

/**
 * Returns what is known of the process that a holder names. Nothing is known of a process on
 * another host, or of one that is stopped.
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
  // Another process may have got the same pid. And a killed process keeps its pid until its parent
  // has waited for it.
  if (now.start !== start || now.state === 'Z' || now.state === 'X') return 'dead';
  return STOPPED.includes(now.state) ? 'unknown' : 'runs';
}

/**
 * Tells if the process that a holder names is known to be gone. It is never known of a process on
 * another host.
 */
export const isHolderDead = (holder: string): boolean => stateOfHolder(holder) === 'dead';
