/**
 * Beats that need no grant, on the embedded store with 10,000 sessions, against a route of the same
 * server that reads the same body and answers the same bytes: requests per second in alternating
 * rounds, and the ratio of the medians. A beat in life comes minutes after the one before, so that
 * its activity is written: before each round all sessions were last active five minutes ago, and
 * each beats at most once in it. Questions whether a session lives write nothing: they are measured
 * beside. Needs a build. Usage: node bench/beat.mjs [sessions] [rounds]
 */
import { fork } from 'node:child_process';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import Database from 'libsql';
import { openServer } from './support/server.mjs';
import { median, medianInterval } from './support/statistics.mjs';

const SESSIONS = Number(process.argv[2] ?? 10_000);
const ROUNDS = Number(process.argv[3] ?? 7);
const SECONDS = 2;
const CONCURRENCY = 16;
const TARGET = 0.3;
const BODY = JSON.stringify({ v: 1, activity: 'user', idleMs: 1200 });
/** A question of the same length: whether the session lives, without anybody there. */
const QUESTION = JSON.stringify({ v: 1, activity: 'none', idleMs: 1200 });

/**
 * The load, in a process of its own: so many requests at once, for so long, the sessions in turn;
 * `isOnce` ends it when each has had one.
 */
async function load({ port, path, cookies, origin, isOnce, body = BODY }) {
  const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY });
  let done = 0;
  let refused = 0;
  let bytes = 0;
  let next = 0;
  const until = Date.now() + SECONDS * 1_000;
  const one = (cookie) =>
    new Promise((resolve, reject) => {
      const headers = {
        'Content-Type': 'application/json',
        'Content-Length': body.length,
        'X-Stillhere': '1',
        Origin: origin,
        'Sec-Fetch-Site': 'same-origin',
        Cookie: `stillhere=${cookie}`,
      };
      const sent = request({ agent, port, path, host: '127.0.0.1', method: 'POST', headers }, (response) => {
        if (response.statusCode !== 200) refused += 1;
        response.on('data', (chunk) => {
          bytes += chunk.length;
        });
        response.on('end', resolve);
      });
      sent.on('error', reject).end(body);
    });
  const lane = async () => {
    while (Date.now() < until && !(isOnce && next >= cookies.length)) {
      const cookie = cookies[next % cookies.length];
      next += 1;
      await one(cookie);
      done += 1;
    }
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: CONCURRENCY }, lane));
  agent.destroy();
  return { perSecond: (done / (performance.now() - started)) * 1_000, refused, done, bytes: bytes / done };
}

if (process.send) {
  process.on('message', async (job) => process.send(await load(job)));
} else {
  let answer = '';
  const server = await openServer(SESSIONS, (app, keepalive) => {
    app.route('/auth', keepalive);
    app.post('/plain', async (c) => {
      await c.req.json();
      return c.body(answer, 200, { 'Content-Type': 'application/json', 'Cache-Control': 'private, no-store' });
    });
  });
  const { app, port, origin, dataDir } = server;
  const cookies = server.sessions.map(({ cookie }) => cookie);
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

  const store = new Database(join(dataDir, 'sessions.sqlite'), { timeout: 5_000 });
  const setActivity = (at) => store.exec(`update sessions set last_active = ${at}`);
  /** Sessions whose activity was written since. */
  const written = (at) =>
    store.prepare(`select count(*) as count from sessions where last_active > ${at}`).all()[0].count;

  const client = fork(new URL(import.meta.url).pathname);
  const send = (job) =>
    new Promise((resolve) => {
      client.once('message', resolve);
      client.send({ port, origin, ...job });
    });
  const cases = {
    async beat() {
      const before = Date.now() - 300_000;
      setActivity(before);
      const result = await send({ path: '/auth/heartbeat', cookies, isOnce: true });
      if (written(before) !== result.done) throw new Error(`${result.done} beats wrote ${written(before)} activities`);
      return result;
    },
    async question() {
      const before = Date.now();
      setActivity(before);
      const result = await send({ path: '/auth/heartbeat', cookies, body: QUESTION });
      if (written(before)) throw new Error('questions wrote');
      return result;
    },
    plain: () => send({ path: '/plain', cookies }),
  };
  const rates = { beat: [], question: [], plain: [] };
  const sizes = {};
  for (let i = 0; i <= ROUNDS; i += 1) {
    for (const name of i % 2 ? ['beat', 'plain', 'question'] : ['question', 'plain', 'beat']) {
      const { perSecond, refused, bytes } = await cases[name]();
      if (refused) throw new Error(`${refused} of the ${name} requests were not answered with 200`);
      sizes[name] = bytes;
      // The first round warms up.
      if (i > 0) rates[name].push(perSecond);
    }
  }
  const perSecond = (name) => {
    const values = rates[name];
    return `${median(values).toFixed(0)}/s (${Math.min(...values).toFixed(0)} to ${Math.max(...values).toFixed(0)})`;
  };
  /** Of each round by itself, since the machine's own pace changes from round to round. */
  const ratio = (name) => {
    const ratios = rates[name].map((rate, i) => rate / rates.plain[i]);
    const [low, high] = medianInterval(ratios);
    return `${median(ratios).toFixed(2)} [${low.toFixed(2)} ${high.toFixed(2)}]`;
  };
  console.log(
    `beat: ratio ${ratio('beat')} (target ${TARGET} at least): ${perSecond('beat')} beats that write their activity, plain route ${perSecond('plain')}; ${SESSIONS} sessions, ${ROUNDS} rounds of ${SECONDS} s, answers of ${sizes.beat.toFixed(0)} and ${sizes.plain.toFixed(0)} bytes`,
  );
  console.log(
    `beat: ratio ${ratio('question')} for questions (activity "none"), which write nothing: ${perSecond('question')}`,
  );
  client.kill();
  store.close();
  await server.close();
}
