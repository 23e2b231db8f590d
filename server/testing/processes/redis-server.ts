import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from '../free-port.js';

/** Starts the process; `null` where another one has taken the port meanwhile. */
async function launch(folder: string, port: number, settings: string[]): Promise<ChildProcess | null> {
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', ...settings];
  const child = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const absent = once(child, 'error').then(() => {
    throw new Error('These tests need Redis: apt-get install redis-server, or have redis-server on the PATH');
  });
  const started = (async () => {
    for await (const line of createInterface({ input: child.stdout })) {
      if (line.includes('Ready to accept connections')) {
        child.stdout.resume();
        return child;
      }
    }
    return null;
  })();
  return Promise.race([started, absent]);
}

/**
 * A Redis of a test's own, in a folder of its own, that keeps what it was told over a restart (an
 * append-only file, written at once). `settings` are arguments of `redis-server`.
 */
export async function startRedis(...settings: string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'stillhere-redis-'));
  const durable = ['--appendonly', 'yes', '--appendfsync', 'always', ...settings];
  let child: ChildProcess | null = null;
  let port = 0;
  while (!child) {
    port = await freePort();
    child = await launch(folder, port, durable);
  }

  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => {
    const gone = child && child.exitCode === null && child.signalCode === null ? once(child, 'exit') : null;
    child?.kill(signal);
    await gone;
  };
  return {
    url: `redis://127.0.0.1:${port}/`,
    stop,
    /** Starts it again, at its old place. */
    async restart(): Promise<void> {
      await stop();
      child = await launch(folder, port, durable);
      if (!child) throw new Error('the port of the stopped Redis was taken by somebody else');
    },
    /** `SIGSTOP`: it is there and answers nothing, until `wake`. */
    freeze: () => child?.kill('SIGSTOP'),
    wake: () => child?.kill('SIGCONT'),
    async close(): Promise<void> {
      child?.kill('SIGCONT');
      await stop('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export type TestRedis = Awaited<ReturnType<typeof startRedis>>;
