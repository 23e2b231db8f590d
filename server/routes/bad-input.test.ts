import { once } from 'node:events';
import { type IncomingMessage, type RequestOptions, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { type ServerType, serve } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memoryStore } from '../store/memory-store.js';
import type { SessionStore } from '../store/store.js';
import { type AppUnderTest, ORIGIN, OURS, startApp } from '../testing/app/app-under-test.js';

const asked: string[] = [];
/** A store that says which of its methods were called. */
const watchedStore = (): SessionStore =>
  new Proxy(memoryStore(), {
    get(store, name, receiver) {
      asked.push(String(name));
      return Reflect.get(store, name, receiver);
    },
  });

let test: AppUnderTest;
let server: ServerType;
let port = 0;
let cookie = '';
beforeAll(async () => {
  test = await startApp({ store: watchedStore() });
  const browser = test.browser();
  await test.signIn(browser);
  cookie = `stillhere=${browser.cookies().get('stillhere')}`;
  server = serve({ fetch: test.app.fetch, port: 0, hostname: '127.0.0.1' });
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});
afterAll(async () => {
  server.close();
  await test.close();
});

type Headers = Record<string, string | string[]>;
type Body = string | Uint8Array | readonly string[];
interface Asked {
  path?: string;
  method?: string;
  headers?: Headers;
  /** A list is sent in as many chunks, and its length is not told before. */
  body?: Body;
}

/**
 * One request over HTTP with the cookie of a session that lives, and what the store and the
 * provider were asked meanwhile.
 */
async function send({ path = '/auth/heartbeat', method = 'POST', headers = { ...OURS, ...JSON_TYPE }, body }: Asked) {
  asked.length = 0;
  const before = test.provider.paths.length;
  // A connection of its own: what is left of a body that nobody reads may cost the connection.
  const options: RequestOptions = { agent: false, host: '127.0.0.1', port, path, method };
  const sent = request({ ...options, headers: { Cookie: cookie, ...headers } });
  if (Array.isArray(body)) for (const chunk of body) sent.write(chunk);
  const whole = body === undefined || Array.isArray(body) ? undefined : (body as string | Uint8Array);
  if (whole !== undefined) sent.setHeader('Content-Length', Buffer.byteLength(whole));
  sent.end(whole);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const answer = await text(response);
  return {
    status: response.statusCode,
    headers: response.headers,
    answer,
    touched: [...asked, ...test.provider.paths.slice(before)],
  };
}

const JSON_TYPE = { 'Content-Type': 'application/json' };
const beat = (members: string): string => `{"v":1,"activity":"user",${members}}`;
const bytes = (...parts: (string | number[])[]): Uint8Array => Buffer.concat(parts.map((part) => Buffer.from(part)));

describe('a body that is not that of a beat', () => {
  it.each<[string, number, Body, Headers?]>([
    ['an array', 400, '[]'],
    ['null', 400, 'null'],
    ['a string', 400, '"user"'],
    ['broken JSON', 400, '{"v":1,'],
    ['two objects', 400, `${beat('"idleMs":0')}{}`],
    ['deep nesting', 400, '['.repeat(500) + ']'.repeat(500)],
    ['nesting beside the members', 400, `{"v":1,"activity":${'['.repeat(400)}${']'.repeat(400)},"idleMs":0}`],
    ['another version', 400, '{"v":2,"activity":"user","idleMs":0}'],
    ['a version as text', 400, '{"v":"1","activity":"user","idleMs":0}'],
    ['no version', 400, '{"activity":"user","idleMs":0}'],
    ['no activity', 400, '{"v":1,"idleMs":0}'],
    ['an inherited activity', 400, '{"v":1,"__proto__":{"activity":"user"},"idleMs":0}'],
    ['an unknown activity', 400, '{"v":1,"activity":"robot","idleMs":0}'],
    ['a negative idleMs', 400, beat('"idleMs":-1')],
    ['an idleMs of NaN', 400, beat('"idleMs":NaN')],
    ['an infinite idleMs', 400, beat('"idleMs":1e999')],
    ['an idleMs as text', 400, beat('"idleMs":"5"')],
    ['an idleMs of null', 400, beat('"idleMs":null')],
    ['a negative unansweredMs', 400, beat('"idleMs":0,"unansweredMs":-1')],
    ['an unansweredMs as text', 400, beat('"idleMs":0,"unansweredMs":"5"')],
    ['an infinite unansweredMs', 400, beat('"idleMs":0,"unansweredMs":1e999')],
    ['a byte order mark', 400, bytes([0xef, 0xbb, 0xbf], beat('"idleMs":0'))],
    ['bytes that are no UTF-8', 400, bytes('{"v":1,"activity":"user","idleMs":0,"x":"', [0xff, 0xfe], '"}')],
    ['UTF-16', 400, Buffer.from(beat('"idleMs":0'), 'utf16le')],
    ['1025 bytes', 413, `${beat('"idleMs":0')}${' '.repeat(1025 - beat('"idleMs":0').length)}`],
    ['1 MB in chunks, without its length', 413, Array(64).fill('x'.repeat(16_384))],
    ['1 KiB and a byte, byte by byte', 413, [...beat('"idleMs":0').padEnd(1025)]],
    ['a form', 415, 'v=1', { 'Content-Type': 'application/x-www-form-urlencoded' }],
    ['text', 415, beat('"idleMs":0'), { 'Content-Type': 'text/plain;charset=UTF-8' }],
    ['no type', 415, beat('"idleMs":0'), {}],
    ['an empty type', 415, beat('"idleMs":0'), { 'Content-Type': '' }],
    ['a type that only begins so', 415, beat('"idleMs":0'), { 'Content-Type': 'application/json-patch+json' }],
  ])('(%s) is refused with %i, and neither store nor provider is asked', async (_, status, body, type = JSON_TYPE) => {
    const { touched, headers, answer, ...response } = await send({ headers: { ...OURS, ...type }, body });
    expect({ ...response, touched }).toEqual({ status, touched: [] });
    expect(headers['content-type']).toBe('application/problem+json');
    expect(headers['cache-control']).toBe('private, no-store');
    expect(headers['set-cookie']).toBeUndefined();
    expect(JSON.parse(answer)).toMatchObject({ status });
  });

  it.each<[string, Body, Headers?]>([
    ['1024 bytes', beat('"idleMs":0').padEnd(1024)],
    ['chunks', [...beat('"idleMs":0').padEnd(1024)]],
    ['a charset', beat('"idleMs":0'), { 'Content-Type': 'Application/JSON; charset=utf-8' }],
    ['members that it does not know', beat('"idleMs":0,"later":{"a":[1]}')],
    ['an unansweredMs', beat('"idleMs":0,"unansweredMs":60000')],
    ['no idleMs', '{"v":1,"activity":"none"}'],
    ['an idleMs beyond all time', beat('"idleMs":1e308')],
    ['nothing in it', ''],
  ])('but one with %s is', async (_, body, type = JSON_TYPE) => {
    const { status, touched } = await send({ headers: { ...OURS, ...type }, body });
    expect(status).toBe(200);
    expect(touched.some((name) => /^read/.test(name))).toBe(true);
  });
});

describe('a request that is not a beat of our own pages', () => {
  const none = { 'X-Stillhere': '1' };
  it.each<[string, number, Asked]>([
    ...['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].map((method): [string, number, Asked] => [
      method,
      405,
      { method, headers: OURS },
    ]),
    ['an opaque origin without our header', 403, { headers: { Origin: 'null' } }],
    ['an opaque origin of another site', 403, { headers: { ...none, 'Sec-Fetch-Site': 'cross-site', Origin: 'null' } }],
    ['our origin with another port', 403, { headers: { ...none, Origin: 'http://localhost:3998' } }],
    ['our origin with another scheme', 403, { headers: { ...none, Origin: 'https://localhost:3999' } }],
    ['our origin as a prefix', 403, { headers: { ...none, Origin: `${ORIGIN}.evil.example` } }],
    ['a Host that is ours but no Origin', 403, { headers: { ...none, Host: 'localhost:3999' } }],
    [
      'another site, whatever its Origin says',
      403,
      { headers: { ...OURS, 'Sec-Fetch-Site': 'cross-site', Origin: ORIGIN } },
    ],
    ['the address bar', 403, { headers: { ...none, 'Sec-Fetch-Site': 'none' } }],
    ['two Sec-Fetch-Site', 403, { headers: { ...none, 'Sec-Fetch-Site': ['same-origin', 'cross-site'] } }],
    ['another value of our header', 403, { headers: { ...OURS, 'X-Stillhere': 'true' } }],
    ['no header of ours', 403, { headers: { 'Sec-Fetch-Site': 'same-origin', Origin: ORIGIN } }],
  ])('(%s) is refused with %i, and neither store nor provider is asked', async (_, status, asking) => {
    const { touched, headers, ...response } = await send(asking);
    expect(response.status).toBe(status);
    expect(touched).toEqual([]);
    expect(headers.allow).toBe(status === 405 ? 'POST' : undefined);
    expect(headers['set-cookie']).toBeUndefined();
  });
});

describe('another route', () => {
  const wrong: [string, string, string][] = [
    'login',
    'callback',
    'session',
    'signed-in',
    'signed-in.js',
    'stillhere-sw.js',
  ].flatMap((path) => ['POST', 'PUT', 'DELETE', 'OPTIONS'].map((method) => [method, path, 'GET, HEAD']));
  for (const path of ['logout', 'backchannel-logout'])
    for (const method of ['GET', 'HEAD', 'PUT', 'OPTIONS']) wrong.push([method, path, 'POST']);

  it.each(wrong)('answers %s %s with 405, Allow: %s, and asks nobody', async (method, path, allow) => {
    const { status, headers, touched } = await send({ path: `/auth/${path}?code=c&state=s`, method, headers: OURS });
    expect([status, headers.allow, touched]).toEqual([405, allow, []]);
  });

  it.each<[string, number, Asked]>([
    [
      'what is left, asked by another site',
      403,
      { path: '/auth/session', method: 'GET', headers: { 'Sec-Fetch-Site': 'cross-site' } },
    ],
    ['a logout from another site', 403, { path: '/auth/logout', headers: { Origin: 'https://evil.example' } }],
    ['a logout that hides its origin', 403, { path: '/auth/logout', headers: { Origin: 'null' } }],
    ['a logout token as JSON', 400, { path: '/auth/backchannel-logout', body: '{}', headers: JSON_TYPE }],
    ['no logout token', 400, { path: '/auth/backchannel-logout', headers: {} }],
    [
      'two logout tokens',
      400,
      {
        path: '/auth/backchannel-logout',
        body: 'logout_token=a.b.c&logout_token=a.b.c',
        headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      },
    ],
  ])('refuses %s with %i and asks nobody', async (_, status, asking) => {
    const { touched, ...response } = await send(asking);
    expect([response.status, touched]).toEqual([status, []]);
  });
});

describe('a body that a middleware of the application has read', () => {
  let reading: ServerType;
  let readingPort = 0;
  const readings: ((context: Context) => Promise<unknown>)[] = [
    ({ req }) => req.text(),
    ({ req }) => req.arrayBuffer(),
    ({ req }) => req.parseBody(),
  ];
  beforeAll(async () => {
    const app = new Hono();
    readings.forEach((read, n) => {
      app.use(`/${n}/*`, async (context, next) => {
        await read(context);
        await next();
      });
      app.route(`/${n}`, test.app);
    });
    reading = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
    await once(reading, 'listening');
    readingPort = (reading.address() as AddressInfo).port;
  });
  afterAll(() => reading.close());

  it.each([0, 1, 2])('is read all the same (%i)', async (n) => {
    const url = `http://127.0.0.1:${readingPort}/${n}/auth`;
    const headers = { ...OURS, ...JSON_TYPE, Cookie: cookie };
    const asked = (body: string) => fetch(`${url}/heartbeat`, { method: 'POST', headers, body });
    expect((await asked('{"v":1,"activity":"none"}')).status).toBe(200);
    expect((await asked('{"v":1,"activity":"nobody"}')).status).toBe(400);
    expect((await asked(' '.repeat(1_025))).status).toBe(413);
    expect((await fetch(`${url}/heartbeat`, { method: 'POST', headers })).status).toBe(200);
    const claims = { iss: test.provider.issuer, aud: test.provider.clientId, sub: 'nobody', jti: `read ${n}` };
    const at = Math.floor(Date.now() / 1_000);
    const token = await test.provider.logoutToken({ ...claims, iat: at, exp: at + 60 });
    const body = new URLSearchParams({ logout_token: token });
    expect((await fetch(`${url}/backchannel-logout`, { method: 'POST', body })).status).toBe(200);
  });
});

describe('two cookies of one name', () => {
  it('are no session to any route: nothing tells which of them is ours', async () => {
    const other = `stillhere=${'c'.repeat(43)}`;
    const statuses = async (value: string) => {
      const beating = await send({ headers: { ...OURS, Cookie: value } });
      const left = await send({ path: '/auth/session', method: 'GET', headers: { ...OURS, Cookie: value } });
      const guarded = await send({ path: '/api/me', method: 'GET', headers: { Cookie: value } });
      return [beating.status, left.status, guarded.status];
    };
    expect(await statuses(cookie)).toEqual([200, 200, 200]);
    expect(await statuses(`${cookie}; ${other}`)).toEqual([401, 401, 401]);
    expect(await statuses(`${other}; ${cookie}`)).toEqual([401, 401, 401]);
  });
});

describe('a cookie that is not as we set it', () => {
  const value = () => cookie.slice('stillhere='.length);
  it.each<[string, () => string, string]>([
    ['empty', () => '', 'no_session'],
    ['in quotes', () => `"${value()}"`, 'unreadable_cookie'],
    [
      'percent-encoded',
      () => value().replace(/^./, (first) => `%${Buffer.from(first).toString('hex')}`),
      'unreadable_cookie',
    ],
    ['badly percent-encoded', () => '%E0%A4%A', 'unreadable_cookie'],
  ])('(%s) is the same to every route', async (_, make, reason) => {
    const headers = { ...OURS, Cookie: `stillhere=${make()}` };
    for (const asking of [{}, { path: '/auth/session', method: 'GET' }, { path: '/api/me', method: 'GET' }]) {
      const { status, answer } = await send({ ...asking, headers });
      expect([status, JSON.parse(answer).reason]).toEqual([401, reason]);
    }
  });
});

it('a logout token that breaks off is no failure of ours', async () => {
  const { length } = test.log;
  for (const framing of ['Content-Length: 100', 'Transfer-Encoding: chunked']) {
    const client = connect(port, '127.0.0.1');
    const type = 'Content-Type: application/x-www-form-urlencoded';
    client.write(
      `POST /auth/backchannel-logout HTTP/1.1\r\nHost: localhost\r\n${type}\r\n${framing}\r\n\r\n5\r\nlogou`,
    );
    await once(server, 'request');
    client.destroy();
    await once(client, 'close');
  }
  // Answered after both connections were seen to be gone.
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(test.log.slice(length)).toEqual([]);
});
