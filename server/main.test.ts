import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

// Inside the project, so that the packages are found.
const folder = mkdtempSync(fileURLToPath(new URL('../node_modules/.main-test-', import.meta.url)));
const script = join(folder, 'serve.js');
beforeAll(async () => {
  await build({
    entryPoints: [fileURLToPath(new URL('./main.ts', import.meta.url))],
    outfile: script,
    ...{ bundle: true, platform: 'node', target: 'node20', format: 'esm', packages: 'external', logLevel: 'warning' },
  });
});
afterAll(() => rmSync(folder, { recursive: true }));

const right = {
  PORT: '0',
  APP_ORIGIN: 'http://localhost:3000',
  OIDC_ISSUER: 'http://127.0.0.1:1',
  OIDC_CLIENT_ID: 'app',
  DATA_DIR: join(folder, 'data'),
};

const start = (env: Record<string, string>): ChildProcess =>
  spawn(process.execPath, [script], {
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });

async function textOf(stream: NodeJS.ReadableStream | null): Promise<string> {
  let text = '';
  for await (const chunk of stream ?? []) text += String(chunk);
  return text;
}

async function failureOf(env: Record<string, string>): Promise<{ code: unknown; text: string }> {
  const child = start(env);
  const [text, [code]] = await Promise.all([textOf(child.stderr), once(child, 'exit')]);
  return { code, text };
}

describe('the ready-made server', () => {
  it('logs its address, answers, keeps its sessions on disk, and stops on SIGTERM', async () => {
    const child = start(right);
    let address = '';
    for await (const line of createInterface({ input: child.stdout ?? process.stdin })) {
      address = (JSON.parse(line) as { address?: string }).address ?? '';
      if (address) break;
    }
    expect((await fetch(`${address}/healthz`)).status).toBe(200);
    const beat = await fetch(`${address}/auth/heartbeat`, {
      method: 'POST',
      headers: { 'X-Stillhere': '1', Origin: right.APP_ORIGIN },
    });
    expect(beat.status).toBe(401);
    expect(await beat.json()).toMatchObject({ reason: 'no_session' });
    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    expect((await exit)[0]).toBe(0);
  });

  it('says what is wrong in one sentence, exit code 1, no stack', async () => {
    const { code, text } = await failureOf({ ...right, PORT: 'http' });
    expect(code).toBe(1);
    expect(text).toBe('PORT takes a port number from 0 to 65535.\n');
  });

  it('says so when the folder of the sessions cannot be written to', async () => {
    const SESSION_KEYS = Buffer.alloc(32, 1).toString('base64url');
    const { code, text } = await failureOf({ ...right, SESSION_KEYS, DATA_DIR: '/dev/null/data' });
    expect(code).toBe(1);
    expect(text.trimEnd().split('\n').at(-1)).toMatch(/^DATA_DIR takes the path of a folder/);
    expect(text).not.toContain('    at ');
  });

  it('says so when the port is taken', async () => {
    const { createServer } = await import('node:net');
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    const { code, text } = await failureOf({ ...right, PORT: String(port) });
    taken.close();
    expect(code).toBe(1);
    expect(text).toBe('PORT and HOST take an address that is free: EADDRINUSE.\n');
  });
});
