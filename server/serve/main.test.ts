import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepareServe, type Serve } from '../testing/processes/serve-process.js';

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

/** A beat with the cookie of no session. */
function beatAt(address: string, agent?: Agent) {
  const headers = {
    'X-Stillhere': '1',
    Origin: right.APP_ORIGIN,
    Cookie: `stillhere=${randomBytes(32).toString('base64url')}`,
  };
  const sent = request(`${address}/auth/heartbeat`, { method: 'POST', headers, ...(agent && { agent }) });
  return new Promise<{ status: number | undefined; reason: unknown; connection: string | undefined }>(
    (resolve, reject) => {
      sent.on('error', reject).on('response', async (response) => {
        const body = JSON.parse(await text(response));
        resolve({ status: response.statusCode, reason: body.reason, connection: response.headers.connection });
      });
      sent.end();
    },
  );
}

/** A beat whose body never ends. */
function slowBeat(address: string): Socket {
  const client = connect(Number(new URL(address).port), '127.0.0.1');
  client.on('error', () => undefined).resume();
  const headers = ['Host: localhost', 'X-Stillhere: 1', `Origin: ${right.APP_ORIGIN}`, 'Transfer-Encoding: chunked'];
  client.write(`POST /auth/heartbeat HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n1\r\n{\r\n`);
  return client;
}

/** The lines of a log that are of a higher level. */
const linesAbove = (level: number, output: string): string[] =>
  output.split('\n').filter((line) => !line.startsWith('{') || JSON.parse(line).level > level);

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

  it('answers on SIGTERM what still comes on open connections, as before, and logs no error', async () => {
    const server = serve.start(right);
    const { address } = await server.logged('listening');
    const agent = new Agent({ keepAlive: true });
    const beats = () => Promise.all(Array.from({ length: 40 }, () => beatAt(String(address), agent)));
    const before = await beats();
    const ended = server.end('SIGTERM');
    await server.logged('stopping');
    const after = await beats();
    // A cookie of no session: it is looked for in the store, which has to be open for that.
    for (const { status, reason } of [...before, ...after]) expect([status, reason]).toEqual([401, 'no_session']);
    expect(before.map(({ connection }) => connection)).toEqual(Array(40).fill('keep-alive'));
    expect(after.map(({ connection }) => connection)).toEqual(Array(40).fill('close'));
    expect(await ended).toBe(0);
    expect(linesAbove(40, server.output())).toEqual([]);
  });

  it('says 503 to health checks as soon as it drains, and serves everything else for SHUTDOWN_DELAY', async () => {
    const server = serve.start({ ...right, SHUTDOWN_DELAY: '3' });
    const address = String((await server.logged('listening')).address);
    const health = async () => {
      const response = await fetch(`${address}/healthz`);
      return [response.status, await response.text()];
    };
    expect(await health()).toEqual([200, 'ok']);
    const ended = server.end('SIGTERM');
    await server.logged('stopping');
    expect(await health()).toEqual([503, 'draining']);
    expect(await beatAt(address)).toMatchObject({ status: 401, reason: 'no_session', connection: 'close' });
    expect(await ended).toBe(0);
  });

  it('ends at once on a second signal, and says so', async () => {
    const server = serve.start({ ...right, SHUTDOWN_DELAY: '600' });
    await server.logged('listening');
    server.child.kill('SIGTERM');
    await server.logged('stopping');
    // Signals that come at once are one Ctrl+C, which npm passes on: the server goes on draining.
    server.child.kill('SIGINT');
    await sleep(800);
    expect(server.child.exitCode).toBeNull();
    expect(await server.end('SIGINT')).toBe(1);
    expect(await server.logged('the server was ended before all was done')).toMatchObject({
      event: 'server.cut',
      signal: 'SIGINT',
    });
  });

  it('cuts off 500 requests whose bodies do not come, and logs no error', async () => {
    const server = serve.start({ ...right, REQUEST_TIMEOUT: '2' });
    const address = String((await server.logged('listening')).address);
    const slow = Array.from({ length: 500 }, () => slowBeat(address));
    expect(await beatAt(address)).toMatchObject({ status: 401 });
    await Promise.all(slow.map((socket) => once(socket, 'close')));
    expect(await server.end('SIGTERM')).toBe(0);
    expect(linesAbove(30, server.output())).toEqual([]);
  }, 120_000);

  it('names its process in each line', async () => {
    const [one, two] = [serve.start(right), serve.start(right)];
    const lines = await Promise.all([one, two].map((server) => server.logged('listening')));
    expect(lines[0]).toMatchObject({ event: 'server.start', pid: one.child.pid, host: hostname() });
    expect(lines[0]?.instance).toMatch(/^[\da-f]{8}$/);
    expect(lines[0]?.instance).not.toBe(lines[1]?.instance);
    await Promise.all([one, two].map((server) => server.end('SIGTERM')));
  });

  it('stops on SIGTERM though a body that somebody sends never ends', async () => {
    const server = serve.start(right);
    const { address } = await server.logged('listening');
    const client = slowBeat(String(address));
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
