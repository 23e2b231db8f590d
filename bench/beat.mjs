/**
 * Beats that need no grant, on the embedded store with 10,000 sessions, against a route of the same server that reads the same body and
 * answers the same bytes: requests per second in alternating rounds, and the ratio of the medians. Needs a build.
 * Usage: node bench/beat.mjs [sessions] [rounds]
 */
import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { createKeepaliveApp } from '../dist/server.js';

const SESSIONS = Number(process.argv[2] ?? 10_000);
const ROUNDS = Number(process.argv[3] ?? 7);
const SECONDS = 2;
const CONCURRENCY = 16;
const BODY = JSON.stringify({ v: 1, activity: 'user', idleMs: 1200 });

/** The load, in a process of its own: so many requests at once, for so long. */
async function load({ port, path, cookies, origin }) {
  const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY });
  let done = 0;
  let refused = 0;
  const until = Date.now() + SECONDS * 1_000;
  const one = () =>
    new Promise((resolve, reject) => {
      const headers = {
        'Content-Type': 'application/json',
        'Content-Length': BODY.length,
        'X-Stillhere': '1',
        Origin: origin,
        'Sec-Fetch-Site': 'same-origin',
        Cookie: `stillhere=${cookies[Math.floor(Math.random() * cookies.length)]}`,
      };
      const sent = request({ agent, port, path, host: '127.0.0.1', method: 'POST', headers }, (response) => {
        if (response.statusCode !== 200) refused += 1;
        response.resume().on('end', resolve);
      });
      sent.on('error', reject).end(BODY);
    });
  const lane = async () => {
    for (; Date.now() < until; done += 1) await one();
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: CONCURRENCY }, lane));
  agent.destroy();
  return { perSecond: (done / (performance.now() - started)) * 1_000, refused };
}

if (process.send) {
  process.on('message', async (job) => process.send(await load(job)));
} else {
  const dataDir = mkdtempSync(join(tmpdir(), 'stillhere-bench-'));
  let app = new Hono();
  const server = await new Promise((resolve) => {
    const started = serve({ fetch: (incoming) => app.fetch(incoming), port: 0, hostname: '127.0.0.1' }, () =>
      resolve(started),
    );
  });
  const { port } = server.address();
  const origin = `http://localhost:${port}`;
  const keepalive = createKeepaliveApp({
    appOrigin: origin,
    oidc: { issuer: 'http://127.0.0.1:9', clientId: 'bench', clientSecret: 'bench', scope: 'openid' },
    dataDir,
    keys: [randomBytes(32).toString('base64url')],
    rateLimit: 1_000_000,
    idleTimeout: 86_400,
    absoluteTimeout: 86_400,
    refreshAfter: 86_400,
    refreshTokenIdle: 864_000,
  });
  await keepalive.ready;
  const cookies = [];
  const tokens = {
    accessToken: randomBytes(600).toString('base64url'),
    accessTokenExpiresIn: 86_400,
    refreshToken: randomBytes(600).toString('base64url'),
    refreshExpiresIn: null,
    idToken: null,
    scope: 'openid',
  };
  for (let i = 0; i < SESSIONS; i += 1) {
    const identity = { issuer: 'http://127.0.0.1:9', subject: `user-${i}`, providerSessionId: null };
    const created = await keepalive.service.create({ identity, tokens });
    cookies.push(created.cookie);
  }
  let answer = '';
  app = new Hono().route('/auth', keepalive).post('/plain', async (c) => {
    await c.req.json();
    return c.body(answer, 200, { 'Content-Type': 'application/json', 'Cache-Control': 'private, no-store' });
  });
  const first = await app.request('/auth/heartbeat', {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      'X-Stillhere': '1',
      Origin: origin,
      Cookie: `stillhere=${cookies[0]}`,
    },
    body: BODY,
  });
  answer = await first.text();
  if (first.status !== 200) throw new Error(`The beat answers ${first.status}: ${answer}`);

  const client = fork(new URL(import.meta.url).pathname);
  const round = (path) =>
    new Promise((resolve) => {
      client.once('message', resolve);
      client.send({ port, path, origin, cookies });
    });
  const paths = { beat: '/auth/heartbeat', plain: '/plain' };
  const rates = { beat: [], plain: [] };
  for (let i = 0; i <= ROUNDS; i += 1) {
    for (const name of i % 2 ? ['beat', 'plain'] : ['plain', 'beat']) {
      const { perSecond, refused } = await round(paths[name]);
      if (refused) throw new Error(`${refused} of the ${name} requests were not answered with 200`);
      // The first round warms up.
      if (i > 0) rates[name].push(perSecond);
    }
  }
  const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
  const [beat, plain] = [median(rates.beat), median(rates.plain)];
  console.log(
    `${SESSIONS} sessions, ${ROUNDS} rounds of ${SECONDS} s: beat ${beat.toFixed(0)}/s, plain route ${plain.toFixed(0)}/s, ratio ${(beat / plain).toFixed(2)} (target 0.30)`,
  );
  client.kill();
  server.close();
  await keepalive.close();
  rmSync(dataDir, { recursive: true, force: true });
}
