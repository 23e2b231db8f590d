import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { SessionService } from '../../session/session-service.js';
import type { Verdict } from '../../verdict/verdict.js';
import type { ChildOrder, ChildSettings } from './beat-child.js';

export interface ChildAnswer {
  verdicts: Verdict[];
  log: string;
  /** The most memory that the process was seen to have, in bytes. */
  peakBytes: number;
  created?: Awaited<ReturnType<SessionService['create']>>;
  ended?: number;
}

export interface ForkedServer {
  /**
   * One beat for each cookie, all at once, after `aheadMs` of the settings is set again if it is
   * given.
   */
  beat(cookies: string[], aheadMs?: number): Promise<ChildAnswer>;
  create(input: Parameters<SessionService['create']>[0]): Promise<ChildAnswer>;
  endByProvider(input: Parameters<SessionService['endByProvider']>[0]): Promise<ChildAnswer>;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
}

const here = fileURLToPath(new URL('.', import.meta.url));
/** Inside the project, so that the bundle finds the installed packages. */
const folder = fileURLToPath(new URL(`../../../node_modules/.cache/stillhere-${process.pid}/`, import.meta.url));

/**
 * Bundles the child once; `forkServer` starts as many processes of it as a test needs, and
 * `cleanUp` ends them all.
 */
export async function prepareServers() {
  mkdirSync(folder, { recursive: true });
  const outfile = `${folder}beat-child.mjs`;
  const options = { bundle: true, platform: 'node', format: 'esm', packages: 'external' } as const;
  await build({ entryPoints: [`${here}beat-child.ts`], outfile, ...options, logLevel: 'silent' });
  const children = new Set<ChildProcess>();
  let orders = 0;

  /**
   * `clockMs` makes the clock of the whole process wrong, before anything reads it: a host whose
   * clock is not set.
   */
  async function forkServer(settings: ChildSettings, clockMs = 0): Promise<ForkedServer> {
    const shift = `const now = Date.now; Date.now = () => now() + ${clockMs};`;
    const child = fork(outfile, [JSON.stringify(settings)], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      execArgv: clockMs === 0 ? [] : ['--import', `data:text/javascript,${encodeURIComponent(shift)}`],
    });
    children.add(child);
    await once(child, 'message');
    const ask = (order: Omit<ChildOrder, 'id'>): Promise<ChildAnswer> => {
      orders += 1;
      const id = orders;
      return new Promise((resolve) => {
        const listen = (answer: ChildAnswer & { id: number }) => {
          if (answer.id !== id) return;
          child.off('message', listen);
          resolve(answer);
        };
        child.on('message', listen);
        child.send({ ...order, id });
      });
    };
    return {
      beat: (cookies, aheadMs) => ask(aheadMs === undefined ? { cookies } : { cookies, aheadMs }),
      create: (create) => ask({ create }),
      endByProvider: (input) => ask({ endByProvider: input }),
      async kill() {
        const gone = once(child, 'exit');
        child.kill('SIGKILL');
        await gone;
      },
    };
  }

  async function cleanUp(): Promise<void> {
    for (const child of children) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }

  return { forkServer, cleanUp };
}
