import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { RefreshRequest } from '../core/events.js';
import { failed } from '../model/build-state.js';
import { fetchRefresh } from './fetch-refresh.js';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const BEAT: RefreshRequest = { kind: 'beat', activity: 'user', idleMs: 12.4, unansweredMs: 0 };
const never = () => new AbortController().signal;

function send(origin: string, request: RefreshRequest = BEAT, signal = never()) {
  return fetchRefresh({ name: 'n', endpoint: `${origin}/beat`, statusEndpoint: `${origin}/session` }).send(
    request,
    signal,
  );
}

/** The adapter's reading of one answer. */
async function read(status: number, body = '', headers: Record<string, string> = {}) {
  const origin = await listen((_, response) => {
    response.sendDate = false;
    response.writeHead(status, headers).end(body);
  });
  return send(origin);
}

describe('the request', () => {
  async function received(request: RefreshRequest) {
    const seen: { message?: IncomingMessage; body: string } = { body: '' };
    const origin = await listen((message, response) => {
      seen.message = message;
      message.on('data', (chunk) => {
        seen.body += chunk;
      });
      message.on('end', () => response.end('{}'));
    });
    await send(origin, request);
    return seen;
  }

  it('of a beat is a POST with the header no other site can send, and says who was there', async () => {
    const { message, body } = await received(BEAT);
    expect(message).toMatchObject({ method: 'POST', url: '/beat' });
    expect(message?.headers).toMatchObject({ 'x-stillhere': '1', 'content-type': 'application/json' });
    expect(JSON.parse(body)).toEqual({ v: 1, activity: 'user', idleMs: 12, unansweredMs: 0 });
    const after = await received({ ...BEAT, unansweredMs: 30_000 });
    expect(JSON.parse(after.body)).toEqual({ v: 1, activity: 'user', idleMs: 12, unansweredMs: 30_000 });
  });

  it('of a check is a GET without a body', async () => {
    const { message, body } = await received({ kind: 'check', activity: 'none', idleMs: 0, unansweredMs: 0 });
    expect(message).toMatchObject({ method: 'GET', url: '/session' });
    expect(message?.headers).toMatchObject({ 'x-stillhere': '1' });
    expect(body).toBe('');
  });
});

describe('a 200', () => {
  it('is read with the members that are of their type', async () => {
    const facts = {
      idleExpiresIn: 5,
      absoluteExpiresIn: null,
      nextBeatIn: '7',
      sessionId: 'a',
      user: 5,
      refreshed: true,
    };
    expect(await read(200, JSON.stringify({ ...facts, accessToken: 'secret', accessTokenExpiresIn: -1 }))).toEqual({
      kind: 'alive',
      code: 'ok',
      facts: { idleExpiresIn: 5, sessionId: 'a', refreshed: true },
      retryAfter: 0,
    });
  });

  it('with an empty object is alive: every member is optional', async () => {
    expect(await read(200, '{}')).toEqual({ kind: 'alive', code: 'ok', facts: {}, retryAfter: 0 });
  });

  const expiring = (date: string, body: object) =>
    read(200, JSON.stringify({ accessTokenExpiresAt: '1994-11-06T08:54:37Z', ...body }), date ? { Date: date } : {});

  it('of the status route with nothing that is known may be another product, and says nothing', async () => {
    for (const body of ['{}', '{"user":{"name":"Ada"},"expires":"2026-01-01"}']) {
      const origin = await listen((_, response) => response.end(body));
      expect(await send(origin, { ...BEAT, kind: 'check' })).toMatchObject({ kind: 'none', code: 'empty' });
    }
    const origin = await listen((_, response) => response.end('{"refreshed":false}'));
    expect(await send(origin, { ...BEAT, kind: 'check' })).toMatchObject({ kind: 'alive', code: 'ok' });
  });

  it("that says only when the token expires is read against the answer's own Date", async () => {
    const date = 'Sun, 06 Nov 1994 08:49:37 GMT';
    expect(await expiring(date, {})).toMatchObject({ kind: 'alive', facts: { accessTokenExpiresIn: 300 } });
    expect(await expiring(date, { accessTokenExpiresIn: 20 })).toMatchObject({ facts: { accessTokenExpiresIn: 20 } });
  });

  it('of the status route that says only when the token expires is an answer', async () => {
    const origin = await listen((_, response) => response.end('{"accessTokenExpiresAt":"2100-01-01T00:00:00Z"}'));
    expect(await send(origin, { ...BEAT, kind: 'check' })).toMatchObject({ kind: 'alive', code: 'ok' });
  });

  it.each([
    ['no Date', '', {}],
    ['a Date after it', 'Sun, 06 Nov 1994 08:54:38 GMT', {}],
    ['an instant that is none', 'Sun, 06 Nov 1994 08:49:37 GMT', { accessTokenExpiresAt: 'soon' }],
    ['an instant of another type', 'Sun, 06 Nov 1994 08:49:37 GMT', { accessTokenExpiresAt: null }],
  ])('that says only when the token expires says nothing with %s', async (_, date, body) => {
    expect((await expiring(date, body)).facts).toEqual({});
  });

  it('with a page in it is a captive portal or a login page', async () => {
    expect(await read(200, '\n<!doctype html><title>Free Wi-Fi</title>')).toEqual(failed('html'));
  });

  it.each(['', 'null', '[]', '"alive"', '{"sessionId":'])('with %j is not the contract', async (body) => {
    expect(await read(200, body)).toEqual(failed('invalid'));
  });

  it('and nothing else is alive: not even a 204', async () => {
    expect(await read(204)).toMatchObject({ kind: 'none', code: 'invalid' });
  });
});

describe('a 401', () => {
  it('tells its reason and which session it judged', async () => {
    expect(await read(401, '{"reason":"idle_timeout","sessionId":"a"}')).toEqual({
      kind: 'over',
      code: 'idle_timeout',
      facts: { sessionId: 'a' },
      retryAfter: 0,
    });
  });

  it("may have another backend's own reason", async () => {
    expect(await read(401, '{"reason":"locked"}')).toMatchObject({ kind: 'over', code: 'locked' });
  });

  it.each(['<html>', ' <!doctype html><title>401</title>'])("is a proxy's with a page in it: %j", async (body) => {
    expect(await read(401, body)).toEqual({ kind: 'none', code: 'http-401', facts: {}, retryAfter: 0 });
  });

  it.each(['', 'Unauthorized', '{"reason":5,"sessionId":5}'])('is the end with %j as well', async (body) => {
    expect(await read(401, body)).toEqual({ kind: 'over', code: 'over', facts: {}, retryAfter: 0 });
  });
});

describe('an answer that says nothing about the session', () => {
  it.each([301, 302, 303, 307, 308])('%i is not followed', async (status) => {
    let asked = 0;
    const origin = await listen((_, response) => {
      asked += 1;
      response.writeHead(status, { Location: '/login' }).end();
    });
    expect(await send(origin)).toEqual(failed('redirect'));
    expect(asked).toBe(1);
  });

  it.each([400, 403, 404, 405, 418, 429, 500, 502, 503])('%i', async (status) => {
    expect(await read(status, '<html>')).toEqual(failed(`http-${status}`));
  });

  it.each([400, 403, 405, 413, 415])('%i, which tells what to mend, whatever reason it gives', async (status) => {
    expect(await read(status, '{"title":"No","reason":"cross_origin"}')).toEqual(failed(`http-${status}`));
  });

  it('a 503 with what is known of the session', async () => {
    expect(await read(503, '{"reason":"provider_timeout","sessionId":"a","idleExpiresIn":9}')).toMatchObject({
      kind: 'none',
      code: 'provider_timeout',
      facts: { sessionId: 'a', idleExpiresIn: 9 },
    });
  });
});

describe('Retry-After', () => {
  it('in seconds, with any status', async () => {
    expect(await read(429, '', { 'Retry-After': '7' })).toMatchObject({ retryAfter: 7_000 });
    expect(await read(500, '', { 'Retry-After': '7' })).toMatchObject({ kind: 'none', retryAfter: 7_000 });
    expect(await read(503, '', { 'Retry-After': '0' })).toMatchObject({ retryAfter: 0 });
  });

  it("as a date is read against the answer's own Date, whatever this device's clock says", async () => {
    const headers = { Date: 'Sun, 06 Nov 1994 08:49:37 GMT', 'Retry-After': 'Sun, 06 Nov 1994 08:50:37 GMT' };
    expect(await read(503, '', headers)).toMatchObject({ retryAfter: 60_000 });
  });

  it.each(['soon', '-5', 'Thu, 06 Nov 2025 08:00:00 GMT'])('%s orders nothing', async (value) => {
    const headers = { Date: 'Thu, 06 Nov 2025 08:49:37 GMT', 'Retry-After': value };
    expect(await read(503, '', headers)).toMatchObject({ kind: 'none', retryAfter: 0 });
  });

  it('as a date without a Date orders nothing', async () => {
    expect(await read(503, '', { 'Retry-After': 'Sun, 06 Nov 2094 08:50:37 GMT' })).toMatchObject({ retryAfter: 0 });
  });
});

describe('no answer', () => {
  it('from nobody', async () => {
    const origin = await listen(() => {});
    for (const close of closing.splice(0)) close();
    expect(await send(origin)).toEqual(failed('network'));
  });

  it('from a connection that breaks', async () => {
    expect(await send(await listen((request) => request.socket.destroy()))).toEqual(failed('network'));
  });

  it.each([200, 401])('a %i whose body is cut off', async (status) => {
    const origin = await listen((_, response) => {
      response.writeHead(status, { 'Content-Length': '100' });
      response.write('{"sessionId":"a"', () => response.socket?.destroy());
    });
    expect(await send(origin)).toEqual(failed('network'));
  });

  it('in time: the request is given up', async () => {
    const controller = new AbortController();
    const origin = await listen(() => controller.abort());
    expect(await send(origin, BEAT, controller.signal)).toEqual(failed('timeout'));
  });

  it('of which only the head arrives in time', async () => {
    const controller = new AbortController();
    const origin = await listen((_, response) => {
      response.writeHead(200);
      response.write('{', () => controller.abort());
    });
    expect(await send(origin, BEAT, controller.signal)).toMatchObject({ code: 'timeout' });
  });
});
