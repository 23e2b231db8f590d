import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Hono } from 'hono';
import { afterEach, describe, expect, it } from 'vitest';
import { type ConnectionLimits, connectionOptions, DEFAULT_CONNECTION_LIMITS } from './connection-limits.js';
import { type Listener, listen } from './listen.js';

const GET = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';
const POST = 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n';

let listener: Listener;
const sockets = new Set<Socket>();
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  await listener.close();
});

/** An app that answers a GET when it is told to, and a POST when it has read the body. */
async function start(limits: Partial<ConnectionLimits> = {}) {
  const held: (() => void)[] = [];
  const app = new Hono();
  app.get('/', (context) => context.text('here'));
  app.get('/held', async (context) => {
    await new Promise<void>((resolve) => held.push(resolve));
    return context.text('late');
  });
  app.post('/', async (context) => context.text(await context.req.text().catch(() => 'cut off')));
  listener = await listen(app, 'PORT', 0, '127.0.0.1', { ...DEFAULT_CONNECTION_LIMITS, ...limits });
  return {
    release() {
      for (const answer of held.splice(0)) answer();
    },
    held,
  };
}

/** A connection as a proxy keeps it: what it has received, and if it was closed. */
async function open() {
  const socket = connect(Number(new URL(listener.address).port), '127.0.0.1');
  sockets.add(socket);
  await once(socket, 'connect');
  const state = { text: '', closed: false };
  socket.setEncoding('utf8').on('data', (text) => {
    state.text += text;
  });
  socket.on('error', () => undefined);
  socket.on('close', () => {
    state.closed = true;
  });
  return {
    socket,
    state,
    answers: () => state.text.split('HTTP/1.1 ').slice(1),
    /** Asks, and resolves to the whole answer. */
    async ask(request = GET, end = 'here'): Promise<string> {
      const from = state.text.length;
      socket.write(request);
      await expect.poll(() => state.text.slice(from)).toMatch(new RegExp(`${end}$`));
      return state.text.slice(from);
    },
  };
}

const isRefused = (): Promise<boolean> =>
  fetch(listener.address).then(
    () => false,
    () => true,
  );

describe('a server that stops', () => {
  it('answers what still comes on open connections, each for the last time, and takes no new ones', async () => {
    await start();
    const connections = await Promise.all(Array.from({ length: 20 }, open));
    for (const { ask } of connections) expect(await ask()).not.toMatch(/^connection: close/im);
    const closing = listener.close();
    await expect.poll(isRefused).toBe(true);
    for (const { ask } of connections) {
      const answer = await ask();
      expect(answer).toMatch(/^HTTP\/1.1 200 /);
      expect(answer).toMatch(/^connection: close/im);
    }
    await closing;
    await expect.poll(() => connections.every(({ state }) => state.closed)).toBe(true);
  });

  it('waits for an answer that is under way, and says in it that it is the last', async () => {
    const app = await start();
    const { socket, state } = await open();
    socket.write('GET /held HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await expect.poll(() => app.held.length).toBe(1);
    let isClosed = false;
    const closing = listener.close().then(() => {
      isClosed = true;
    });
    await expect.poll(isRefused).toBe(true);
    await sleep(1_500);
    expect(isClosed).toBe(false);
    app.release();
    await closing;
    await expect.poll(() => state.text).toMatch(/^HTTP\/1.1 200 [\s\S]*connection: close[\s\S]*late$/i);
  });

  it('closes connections on which nothing is asked, or only the beginning of a request has come', async () => {
    await start();
    const [unused, idle, half] = await Promise.all([open(), open(), open()]);
    await idle.ask();
    half.socket.write('GET / HTTP/1.1\r\nHo');
    await listener.close();
    await expect.poll(() => [unused, idle, half].every(({ state }) => state.closed)).toBe(true);
  });

  it('gives up a request whose body does not end', async () => {
    await start();
    const { socket, state } = await open();
    socket.write(`${POST}12345`);
    // What is asked later on another connection is seen later.
    await (await open()).ask();
    await listener.close();
    await expect.poll(() => state.closed).toBe(true);
  });

  it('goes on taking connections while it drains', async () => {
    await start();
    const { ask } = await open();
    await ask();
    listener.drain();
    expect(await ask()).toMatch(/^connection: close/im);
    expect(await (await open()).ask()).toMatch(/^connection: close/im);
  });

  it('answers each of two requests that were sent at once', async () => {
    const app = await start();
    const { socket, answers } = await open();
    socket.write(`GET /held HTTP/1.1\r\nHost: localhost\r\n\r\n${GET}`);
    await expect.poll(() => app.held.length).toBe(1);
    const closing = listener.close();
    app.release();
    await closing;
    // A client repeats what was not answered before the connection's last answer (RFC 9112 section
    // 9.3.2).
    await expect.poll(() => answers()[0]).toMatch(/^200 [\s\S]*late$/);
  });
});

describe('the limits of a connection', () => {
  it('closes 500 requests whose bodies do not come, and answers others meanwhile', async () => {
    await start({ requestTimeout: 2 });
    const slow = await Promise.all(Array.from({ length: 500 }, open));
    for (const { socket } of slow) socket.write(`${POST}1`);
    const { ask } = await open();
    expect(await ask(`${POST}0123456789`, '0123456789')).toMatch(/^HTTP\/1.1 200 /);
    await expect.poll(() => slow.filter(({ state }) => !state.closed).length, { timeout: 100_000 }).toBe(0);
    for (const { state } of slow) expect(state.text).toMatch(/^HTTP\/1.1 408 /);
  }, 120_000);

  it('closes a connection whose headers do not come', async () => {
    await start({ requestTimeout: 1 });
    const { socket, state } = await open();
    socket.write('GET / HTTP/1.1\r\nHost: local');
    await expect.poll(() => state.closed).toBe(true);
  });

  it('lets headers take ten seconds at most, however long a body may take', () => {
    const limits = { keepAliveTimeout: 95, requestTimeout: 3_600 };
    expect(connectionOptions(limits)).toMatchObject({ requestTimeout: 3_600_000, headersTimeout: 10_000 });
    expect(connectionOptions({ ...limits, requestTimeout: 2 })).toMatchObject({ headersTimeout: 2_000 });
  });

  it('keeps an idle connection for longer than a request may take', async () => {
    await start({ requestTimeout: 1, keepAliveTimeout: 30 });
    const { ask, answers } = await open();
    expect(await ask()).toMatch(/^keep-alive: timeout=30\r$/im);
    await sleep(3_500);
    expect(await ask()).toMatch(/^HTTP\/1.1 200 /);
    expect(answers()).toHaveLength(2);
  });

  it('closes an idle connection when its time is over', async () => {
    await start({ keepAliveTimeout: 1 });
    const { ask, state } = await open();
    await ask();
    await expect.poll(() => state.closed).toBe(true);
  });
});
