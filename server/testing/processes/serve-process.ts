import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

export interface ServeProcess {
  readonly child: ChildProcess;
  /** Everything that it has printed, on both streams. */
  output(): string;
  /** Resolves to the line of its log that has this message. */
  logged(message: string): Promise<Record<string, unknown>>;
  /** Sends a signal; resolves to the exit code when the process is gone. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/**
 * Bundles the ready-made server as the build does, to start as many processes of it as a test
 * needs.
 */
export async function prepareServe() {
  // Inside the project, so that the packages are found.
  const folder = mkdtempSync(fileURLToPath(new URL('../../../node_modules/.serve-test-', import.meta.url)));
  const script = join(folder, 'serve.js');
  await build({
    entryPoints: [fileURLToPath(new URL('../../serve/main.ts', import.meta.url))],
    outfile: script,
    ...{ bundle: true, platform: 'node', target: 'node20', format: 'esm', packages: 'external', logLevel: 'warning' },
  });
  const children = new Set<ChildProcess>();

  function start(env: Record<string, string>): ServeProcess {
    const child = spawn(process.execPath, [script], {
      cwd: folder,
      env: { PATH: process.env.PATH ?? '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.add(child);
    const gone = once(child, 'close');
    const lines: string[] = [];
    const waiting = new Set<() => void>();
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line);
        for (const look of waiting) look();
      });
    }
    const find = (message: string): Record<string, unknown> | undefined => {
      for (const line of lines) {
        if (!line.startsWith('{')) continue;
        const facts: Record<string, unknown> = JSON.parse(line);
        if (facts.msg === message) return facts;
      }
      return undefined;
    };
    return {
      child,
      output: () => lines.join('\n'),
      logged(message) {
        return new Promise((resolve, reject) => {
          const look = (): void => {
            const facts = find(message);
            if (!facts) return;
            waiting.delete(look);
            resolve(facts);
          };
          waiting.add(look);
          look();
          gone.then(() => reject(new Error(`the server ended without "${message}":\n${lines.join('\n')}`)));
        });
      },
      async end(signal) {
        child.kill(signal);
        await gone;
        return child.exitCode;
      },
    };
  }

  return {
    folder,
    start,
    cleanUp(): void {
      for (const child of children) child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export type Serve = Awaited<ReturnType<typeof prepareServe>>;
