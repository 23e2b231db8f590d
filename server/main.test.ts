import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepareServe, type Serve } from './testing/serve-process.js';

let serve: Serve;
let right: Record<'PORT' | 'APP_ORIGIN' | 'OIDC_ISSUER' | 'OIDC_CLIENT_ID' | 'DATA_DIR', string>;
beforeAll(async () => {
  serve = await prepareServe();
  right = {
    PORT: '0',
    APP_ORIGIN: 'http://localhost:3000',
    OIDC_ISSUER: 'http://127.0.0.1:1',
    OIDC_CLIENT_ID: 'app',
    DATA_DIR: join(serve.folder, 'data'),
  };
});
afterAll(() => serve?.cleanUp());

async function failureOf(env: Record<string, string>): Promise<{ code: unknown; text: string }> {
  const { child, output } = serve.start(env);
  const [code] = await once(child, 'close');
  return { code, text: output() };
}

describe('the ready-made server', () => {
  it('logs its address, answers, keeps its sessions on disk, and stops on SIGTERM', async () => {
    const server = serve.start(right);
    const { address } = await server.logged('listening');
    expect((await fetch(`${address}/healthz`)).status).toBe(200);
    const beat = await fetch(`${address}/auth/heartbeat`, {
      method: 'POST',
      headers: { 'X-Stillhere': '1', Origin: right.APP_ORIGIN },
    });
    expect(beat.status).toBe(401);
    expect(await beat.json()).toMatchObject({ reason: 'no_session' });
    expect(await server.end('SIGTERM')).toBe(0);
  });

  it('stops on SIGTERM though a body that somebody sends never ends', async () => {
    const server = serve.start(right);
    const { address } = await server.logged('listening');
    const client = connect(Number(new URL(String(address)).port), '127.0.0.1');
    client.on('error', () => undefined);
    const headers = ['Host: localhost', 'X-Stillhere: 1', `Origin: ${right.APP_ORIGIN}`, 'Transfer-Encoding: chunked'];
    client.write(`POST /auth/heartbeat HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n1\r\n{\r\n`);
    // Behind it on another connection: what is asked first is seen first.
    expect((await fetch(`${address}/healthz`)).status).toBe(200);
    expect(await server.end('SIGTERM')).toBe(0);
    client.destroy();
  });

  it('says what is wrong in one sentence, exit code 1, no stack', async () => {
    const { code, text } = await failureOf({ ...right, PORT: 'http' });
    expect(code).toBe(1);
    expect(text).toBe('PORT takes a port number from 0 to 65535.');
  });

  it('says so when the folder of the sessions cannot be written to', async () => {
    const SESSION_KEYS = Buffer.alloc(32, 1).toString('base64url');
    const { code, text } = await failureOf({ ...right, SESSION_KEYS, DATA_DIR: '/dev/null/data' });
    expect(code).toBe(1);
    expect(text).toMatch(/^DATA_DIR takes the path of a folder.+\.$/m);
    expect(text).not.toContain('    at ');
  });

  it('says so when its Redis cannot be reached', async () => {
    const SESSION_KEYS = Buffer.alloc(32, 1).toString('base64url');
    const REDIS_URL = 'redis://:a-password@127.0.0.1:1';
    const { code, text } = await failureOf({ ...right, SESSION_KEYS, STORE: 'redis', REDIS_URL });
    expect(code).toBe(1);
    expect(text).toMatch(/^REDIS_URL takes the URL of a Redis that can be reached and lets us in: ECONNREFUSED\.$/m);
    expect(text).not.toContain('a-password');
  });

  it('says so when the file of the sessions is no database', async () => {
    const folder = join(serve.folder, 'corrupt');
    mkdirSync(folder);
    writeFileSync(join(folder, 'sessions.sqlite'), Buffer.alloc(8_192, 7));
    const { code, text } = await failureOf({ ...right, DATA_DIR: folder });
    expect(code).toBe(1);
    expect(text).toMatch(/^DATA_DIR takes the path of a folder.+: SQLITE_NOTADB\.$/m);
  });

  it('says so when the port is taken', async () => {
    const { createServer } = await import('node:net');
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    const metrics = await failureOf({ ...right, METRICS_PORT: String(port) });
    expect(metrics.text).toBe('METRICS_PORT and HOST take an address that is free: EADDRINUSE.');
    const { code, text } = await failureOf({ ...right, PORT: String(port) });
    taken.close();
    expect(code).toBe(1);
    expect(text).toBe('PORT and HOST take an address that is free: EADDRINUSE.');
  });
});
