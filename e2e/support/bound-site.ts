import { createHash, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:https';
import { getRequestListener } from '@hono/node-server';
import { createKeepaliveApp } from '../../server/app.js';
import type { Fetch } from '../demo/listen.js';
import { makeCertificate } from '../webkit/support/certificate.js';

/** Life of the bound cookie, in seconds: a browser renews it before the next request. */
const COOKIE_SECONDS = 2;

export interface BoundSite {
  url: string;
  /**
   * What makes Chromium take the certificate for one that verifies, and bind sessions to a key in
   * software.
   */
  browserArgs: string[];
  /**
   * The beats that came without the cookie, by what the browser said of it, and what they were
   * answered.
   */
  skipped: { why: string; status: number }[];
  /** Whether the route that renews the cookie fails. */
  breakRenewal(isBroken: boolean): void;
  close(): Promise<void>;
}

/**
 * A site whose session cookie is bound to the device (Device Bound Session Credentials), with
 * Stillhere around sessions of its own. It signs in at `/sign-in`.
 * `https://w3c.github.io/webappsec-dbsc/` has the headers.
 */
export async function startBoundSite(around: (site: Fetch) => Fetch): Promise<BoundSite> {
  const { key, cert } = await makeCertificate();
  let handler: Fetch = () => new Response(null, { status: 503 });
  const server = createServer(
    { key, cert },
    getRequestListener((request) => handler(request)),
  );
  server.listen(0, 'localhost');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no address');
  const url = `https://localhost:${address.port}`;

  let isBroken = false;
  const skipped: BoundSite['skipped'] = [];
  const isSignedIn = (request: Request) => /(?:^|; )bound=yes/.test(request.headers.get('cookie') ?? '');
  const keepalive = createKeepaliveApp({
    appOrigin: url,
    basePath: '/auth',
    identify: (request) => (isSignedIn(request) ? { key: 'ada', sessionId: 'S1', user: 'ada' } : null),
    refresh: () => ({ kind: 'alive', idleExpiresIn: 600, nextBeatIn: 2 }),
  });

  const ATTRIBUTES = 'Path=/; Secure; HttpOnly; SameSite=Lax';
  const cookie = `bound=yes; Max-Age=${COOKIE_SECONDS}; ${ATTRIBUTES}`;
  const instructions = {
    session_identifier: 'bound-session',
    refresh_url: '/bound/refresh',
    scope: { origin: url, include_site: false },
    credentials: [{ type: 'cookie', name: 'bound', attributes: ATTRIBUTES }],
  };
  const renewed = () => Response.json(instructions, { headers: { 'Set-Cookie': cookie } });

  handler = around(async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === '/sign-in') {
      const headers = new Headers({ Location: '/small/?session=unseen' });
      headers.append('Set-Cookie', cookie);
      headers.append('Secure-Session-Registration', '(ES256);path="/bound/start";challenge="first"');
      return new Response(null, { status: 303, headers });
    }
    if (pathname === '/bound/start') return renewed();
    if (pathname === '/bound/refresh') {
      if (isBroken) return new Response(null, { status: 503 });
      if (request.headers.has('secure-session-response')) return renewed();
      const challenge = '"again";id="bound-session"';
      return new Response(null, { status: 403, headers: { 'Secure-Session-Challenge': challenge } });
    }
    const own = new URL(request.url);
    own.pathname = pathname.replace(/^\/auth/, '');
    const response = await keepalive.fetch(new Request(own, request));
    const why = request.headers.get('secure-session-skipped');
    if (why !== null && request.method === 'POST') skipped.push({ why, status: response.status });
    return response;
  });

  const spki = new X509Certificate(cert).publicKey.export({ type: 'spki', format: 'der' });
  return {
    ...{ url, skipped },
    browserArgs: [
      `--ignore-certificate-errors-spki-list=${createHash('sha256').update(spki).digest('base64')}`,
      '--enable-features=DeviceBoundSessions,EnableBoundSessionCredentialsSoftwareKeysForManualTesting',
    ],
    breakRenewal(next) {
      isBroken = next;
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
