import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { test as base, expect } from '@playwright/test';
import { createKeepaliveApp, type OidcKeepaliveApp } from '../../server/app.js';
import { makeCertificate } from '../webkit/support/certificate.js';

interface Site {
  /** The application's origin, and that of a sibling that somebody else runs. */
  app: string;
  sibling: string;
  /** The Cookie headers that reached the application. */
  headers: string[];
  /** A session of this person's: its cookie's value and its public id. */
  begin(subject: string): Promise<{ cookie: string; sessionId: string }>;
  /** What the sibling's page sets from now on. */
  plant(cookie: string): void;
}

const KEY = Buffer.alloc(32, 7).toString('base64url');

const test = base.extend<{ site: Site }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from it what a fixture needs.
  site: async ({}, use) => {
    let planted = '';
    const headers: string[] = [];
    let listener: ReturnType<typeof getRequestListener> | undefined;
    const server = createServer(await makeCertificate(), (request: IncomingMessage, response) => {
      if (request.headers.host?.startsWith('evil.')) {
        response.setHeader('Set-Cookie', planted);
        // Bytes: with a text Node would write the header as UTF-8 too, which is another name.
        response.end(Buffer.from('a page'));
        return;
      }
      if (request.url?.startsWith('/auth/')) headers.push(request.headers.cookie ?? '');
      if (request.url === '/') response.end('a page');
      else void listener?.(request, response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const app = `https://app.site.localhost:${port}`;
    const keepalive: OidcKeepaliveApp = createKeepaliveApp({
      appOrigin: app,
      basePath: '/auth',
      oidc: { issuer: 'https://id.example', clientId: 'app' },
      ...{ keys: [KEY], store: 'memory' },
    });
    listener = getRequestListener((request) => {
      const url = new URL(request.url);
      url.pathname = url.pathname.replace(/^\/auth/, '');
      return keepalive.fetch(new Request(url, request));
    });
    await use({
      ...{ app, headers, sibling: `https://evil.site.localhost:${port}` },
      async begin(subject) {
        const created = await keepalive.service.create({
          identity: { issuer: 'https://id.example', subject, providerSessionId: null },
          tokens: {
            ...{ accessToken: 'a', accessTokenExpiresIn: 600, refreshToken: null, refreshExpiresIn: null },
            ...{ idToken: null, scope: null },
          },
        });
        if (!created.ok) throw new Error('no session');
        return created;
      },
      plant(cookie) {
        planted = cookie;
      },
    });
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
    await keepalive.close();
  },
});
test.use({ ignoreHTTPSErrors: true });

const PLANTED = '\xa0__Host-stillhere=';

test("a sibling domain's cookie that looks like ours brings no visitor into another person's session", async ({
  page,
  context,
  site,
}) => {
  const mallory = await site.begin('mallory');
  const ada = await site.begin('ada');
  const session = () =>
    page.evaluate(async () => {
      const answer = await fetch('/auth/session', { headers: { 'X-Stillhere': '1' } });
      const { sessionId } = await answer.json();
      return { status: answer.status, sessionId };
    });
  site.plant(`${PLANTED}${mallory.cookie}; Domain=site.localhost; Path=/auth; Secure`);
  await page.goto(site.sibling);

  await page.goto(site.app);
  expect(await session()).toEqual({ status: 401, sessionId: null });
  // The browser did send it: otherwise nothing was tried.
  expect(site.headers.at(-1)).toMatch(new RegExp(`^${PLANTED}`));

  await context.addCookies([
    { name: '__Host-stillhere', value: ada.cookie, url: site.app, secure: true, httpOnly: true, sameSite: 'Lax' },
  ]);
  expect(await session()).toEqual({ status: 200, sessionId: ada.sessionId });
  expect(site.headers.at(-1)).toMatch(new RegExp(`(^|; )${PLANTED}`));
});
