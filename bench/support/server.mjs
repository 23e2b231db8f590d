import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { createKeepaliveApp } from '../../dist/server.js';

const DAY = 86_400;

/**
 * Far from every limit: no beat needs a grant, and the interval alone says when the next one is
 * due.
 */
const LIMITS = {
  rateLimit: 1_000_000,
  idleTimeout: DAY,
  absoluteTimeout: DAY,
  refreshAfter: DAY,
  refreshTokenIdle: 10 * DAY,
};

/**
 * The built server with its embedded store on a free port of this machine, and so many sessions in
 * it, made here without a provider. `routes` adds to the app, before and behind `keepalive`, and is
 * given both.
 *
 * @param {number} count
 * @param {(app: Hono, keepalive: Hono) => void} routes
 */
export async function openServer(count, routes) {
  const dataDir = mkdtempSync(join(tmpdir(), 'stillhere-bench-'));
  const app = new Hono();
  const server = await new Promise((resolve) => {
    const started = serve({ fetch: (request) => app.fetch(request), port: 0, hostname: '127.0.0.1' }, () =>
      resolve(started),
    );
  });
  const { port } = server.address();
  const origin = `http://localhost:${port}`;
  // Nobody answers at the issuer: a beat that needed a grant would fail, and be seen.
  const issuer = 'http://127.0.0.1:9';
  const keepalive = createKeepaliveApp({
    ...LIMITS,
    appOrigin: origin,
    oidc: { issuer, clientId: 'bench', clientSecret: 'bench', scope: 'openid' },
    keys: [randomBytes(32).toString('base64url')],
    dataDir,
  });
  await keepalive.ready;
  const tokens = {
    accessToken: randomBytes(600).toString('base64url'),
    accessTokenExpiresIn: DAY,
    refreshToken: randomBytes(600).toString('base64url'),
    refreshExpiresIn: null,
    idToken: null,
    scope: 'openid',
  };
  const sessions = [];
  for (let i = 0; i < count; i += 1) {
    const identity = { issuer, subject: `user-${i}`, providerSessionId: null };
    sessions.push(await keepalive.service.create({ identity, tokens }));
  }
  routes(app, keepalive);
  return {
    app,
    dataDir,
    origin,
    port,
    /** `cookie` is the credential, `sessionId` what pages may read. */
    sessions,
    async close() {
      server.closeAllConnections();
      server.close();
      await keepalive.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
