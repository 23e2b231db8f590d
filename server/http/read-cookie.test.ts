import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKeepaliveApp, type OidcKeepaliveApp } from '../app.js';
import { requireSession } from '../require-session.js';
import { KEY } from '../testing/app/app-under-test.js';
import { readCookie } from './read-cookie.js';

const NAME = '__Host-stillhere';

describe('a Cookie header', () => {
  it.each([
    ['a=1; __Host-stillhere=ours', 'ours'],
    ['a=1;\t __Host-stillhere = ours \t; b=2', 'ours'],
    ['__Host-stillhere=', null],
    ['__Host-stillhere', null],
    ['=__Host-stillhere=x', null],
    ['x__Host-stillhere=y', null],
    [null, null],
  ])('is read: %j', (header, value) => {
    expect(readCookie(header, NAME)).toBe(value);
  });

  it.each(['__Host-stillhere=ours; __Host-stillhere=planted', '__Host-stillhere=ours; __Host-stillhere=ours'])(
    'has no session if two cookies have its name: %j',
    (header) => {
      expect(readCookie(header, NAME)).toBeNull();
    },
  );

  it.each(['\xa0', '\x0b', '\x0c', '\x85', '\ufeff', '\u2003', '\x1f'])(
    'has no other white space than SP and HTAB (a name with %j in front, which a sibling domain can set)',
    (planted) => {
      expect(readCookie(`${planted}__Host-stillhere=theirs`, NAME)).toBeNull();
      expect(readCookie(`__Host-stillhere${planted}=theirs`, NAME)).toBeNull();
      expect(readCookie(`__Host-stillhere=ours; ${planted}__Host-stillhere=theirs`, NAME)).toBe('ours');
    },
  );
});

describe('over a socket', () => {
  let keepalive: OidcKeepaliveApp;
  let server: ReturnType<typeof serve>;
  let cookie = '';
  beforeAll(async () => {
    keepalive = createKeepaliveApp({
      appOrigin: 'https://app.example',
      oidc: { issuer: 'https://id.example', clientId: 'app' },
      ...{ keys: [KEY], store: 'memory' },
    });
    const created = await keepalive.service.create({
      identity: { issuer: 'https://id.example', subject: 'mallory', providerSessionId: null },
      tokens: {
        ...{ accessToken: 'a', accessTokenExpiresIn: 600, refreshToken: null, refreshExpiresIn: null },
        ...{ idToken: null, scope: null },
      },
    });
    if (created.ok) cookie = created.cookie;
    const app = new Hono().route('/auth', keepalive);
    app.get('/api/me', requireSession(keepalive), (context) => context.text('me'));
    server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
    await once(server, 'listening');
  });
  afterAll(async () => {
    server.close();
    await keepalive.close();
  });

  /** The status of a request with this Cookie header, byte for byte. */
  async function statusOf(request: string, cookies: Buffer): Promise<string> {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const head = `${request} HTTP/1.1\r\nHost: app.example\r\nX-Stillhere: 1\r\nSec-Fetch-Site: same-origin\r\n`;
    socket.write(
      Buffer.concat([Buffer.from(`${head}Connection: close\r\nCookie: `), cookies, Buffer.from('\r\n\r\n')]),
    );
    let answer = '';
    for await (const chunk of socket) answer += String(chunk);
    return answer.slice(0, 12);
  }

  it.each(['POST /auth/heartbeat', 'GET /auth/session', 'GET /api/me'])(
    "does not take a sibling's cookie for ours, whatever byte its name begins with: %s",
    async (request) => {
      expect(await statusOf(request, Buffer.from(`__Host-stillhere=${cookie}`))).toBe('HTTP/1.1 200');
      for (const byte of [0xa0, 0x85, 0xc2]) {
        const planted = Buffer.concat([Buffer.from([byte]), Buffer.from(`__Host-stillhere=${cookie}`)]);
        expect(await statusOf(request, planted)).toBe('HTTP/1.1 401');
      }
      const two = Buffer.from(`__Host-stillhere=${cookie}; __Host-stillhere=other`);
      expect(await statusOf(request, two)).toBe('HTTP/1.1 401');
    },
  );

  it("ends no session at logout that a sibling's cookie names", async () => {
    const planted = Buffer.concat([Buffer.from([0xa0]), Buffer.from(`__Host-stillhere=${cookie}`)]);
    expect(await statusOf('POST /auth/logout', planted)).toBe('HTTP/1.1 200');
    expect(await keepalive.service.peek(cookie)).toMatchObject({ kind: 'alive' });
  });
});
