/**
 * A hundred thousand clients through an outage of ten minutes and back: the real decision of the core, one browser with one page and a
 * user who types all the time behind each, on a simulated clock. The server is away, or answers with an order, or it is the clients' own
 * network that is, and all browsers tell of its return within one second. Prints the requests per second over time; fails where the busiest
 * second after the return, or of a later cycle, reaches three times the steady mean. Needs no build.
 * Usage: node bench/outage.mjs [clients] [seed]
 */
import { loadCore } from './support/core.mjs';
import { createQueue } from './support/queue.mjs';
import { randomFrom } from './support/statistics.mjs';

const CLIENTS = Number(process.argv[2] ?? 100_000);
const SEED = Number(process.argv[3] ?? 1);
const LIMIT = 3;

const { transition, wakeAt, initialState, DEFAULT_SETTINGS } = await loadCore();
const { interval, minInterval } = DEFAULT_SETTINGS;
const SECOND = 1_000;
/** Pages load over one interval; two more settle the pace. */
const OUTAGE = 3 * interval;
const RETURN = OUTAGE + 600 * SECOND;
const END = RETURN + 4 * interval;
const T0 = 1_700_000_000_000;

const NO_NETWORK = { kind: 'none', code: 'network', facts: {}, retryAfter: 0 };
/** How the way to the server fails, what the client is told then, and whether its browser tells of the return. */
const OUTAGES = {
  'network errors': { failure: NO_NETWORK },
  '503 with Retry-After: 30': { failure: { kind: 'none', code: 'busy', facts: {}, retryAfter: 30 * SECOND } },
  'no network, whose return all browsers tell within a second': { failure: NO_NETWORK, isTold: true },
};

function simulate({ failure, isTold = false }) {
  const random = randomFrom(SEED);
  const queue = createQueue();
  const perSecond = new Array(END / SECOND).fill(0);
  const between = (least, most) => least + random() * (most - least);

  /** The clock of the simulation starts at 0, the device's at any instant. */
  const decide = (client, at, cause) => {
    const step = transition(client.state, { ...cause, at: T0 + at, random: random(), checkable: true });
    client.state = step.state;
    return step;
  };

  /** The page's ping: when there is something to do, and not before the last one could have been answered. */
  function plan(client) {
    const at = Math.max(wakeAt(client.state) - T0, client.quietUntil);
    client.pingAt = at;
    if (at >= END) return;
    queue.push(at, () => {
      // Something else has come between.
      if (client.pingAt !== at) return;
      client.quietUntil = at + minInterval;
      ping(client, at, 'activity');
    });
  }

  function ping(client, at, kind) {
    client.pingAt = 0;
    const isOnline = !isTold || at < OUTAGE || at >= RETURN;
    // Activity is noticed once in `activityResolution`.
    const activityAge = between(0, 5 * SECOND);
    const ask = { kind, tab: '', seen: client.id, visible: true, activityAge, online: isOnline };
    if (kind === 'hello') ask.settings = DEFAULT_SETTINGS;
    const asked = { ask, askedAt: T0 + at };
    send(client, at, asked, decide(client, at, { type: 'ask', ...asked }).attempt);
  }

  function send(client, at, asked, attempt) {
    const { flight } = attempt ? decide(client, at, { type: 'begin', ...asked }) : {};
    if (!flight) return plan(client);
    perSecond[Math.floor(at / SECOND)] += 1;
    const isDown = at >= OUTAGE && at < RETURN;
    const facts = { sessionId: client.id, user: client.id, accessTokenExpiresIn: 600, idleExpiresIn: 1_800 };
    const answer = isDown ? failure : { kind: 'alive', code: 'ok', facts, retryAfter: 0 };
    const arrives = at + between(20, 300);
    client.answeredAt = arrives;
    if (arrives >= END) return;
    queue.push(arrives, () =>
      send(client, arrives, asked, decide(client, arrives, { type: 'answer', flight, answer }).attempt),
    );
  }

  /** As the page: it asks where something failed or is overdue. What is on its way is waited for, as under the lock. */
  function hearOnline(client, at) {
    if (at < client.answeredAt) queue.push(client.answeredAt, () => hearOnline(client, client.answeredAt));
    else if (client.state.failures || wakeAt(client.state) <= T0 + at) ping(client, at, 'online');
  }

  for (let n = 0; n < CLIENTS; n += 1) {
    const client = { id: `s${n}`, state: initialState(`store-${n}`), quietUntil: 0, answeredAt: 0 };
    const at = between(0, interval);
    queue.push(at, () => ping(client, at, 'hello'));
    const toldAt = RETURN + between(0, SECOND);
    if (isTold) queue.push(toldAt, () => hearOnline(client, toldAt));
  }
  for (let next = queue.pop(); next; next = queue.pop()) next.what();
  return perSecond;
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

function plot(perSecond, steady) {
  const STEP = 30;
  for (let from = 0; from < perSecond.length; from += STEP) {
    const part = perSecond.slice(from, from + STEP);
    const most = Math.max(...part);
    const phase = from * SECOND < OUTAGE ? ' ' : from * SECOND < RETURN ? 'x' : '>';
    const bar = '#'.repeat(Math.round((mean(part) / steady) * 12));
    const peak = '-'.repeat(Math.max(0, Math.round((most / steady) * 12) - bar.length));
    console.log(
      `${phase} ${String(from).padStart(5)} s ${mean(part).toFixed(0).padStart(6)}/s, most ${String(most).padStart(6)} |${bar}${peak}`,
    );
  }
}

let isReached = true;
for (const [name, outage] of Object.entries(OUTAGES)) {
  const started = performance.now();
  const perSecond = simulate(outage);
  const during = (from, to) => perSecond.slice(from / SECOND, to / SECOND);
  const steady = mean(during(OUTAGE - interval, OUTAGE));
  console.log(
    `outage: ${CLIENTS} clients, ten minutes of ${name} (# mean of 30 s, - busiest second, x outage, > after it)`,
  );
  plot(perSecond, steady);
  const times = (from, to) => Math.max(...during(from, to)) / steady;
  const first = times(RETURN, RETURN + interval);
  const later = times(RETURN + interval, END);
  console.log(
    `outage: ${name}: steady ${steady.toFixed(0)}/s; busiest second of the outage ${times(OUTAGE, RETURN).toFixed(2)} times that, of the interval after it ${first.toFixed(2)}, of the three later ${later.toFixed(2)} (below ${LIMIT} wanted); ${((performance.now() - started) / SECOND).toFixed(0)} s`,
  );
  if (!(first < LIMIT && later < LIMIT)) isReached = false;
}
process.exitCode = isReached ? 0 : 1;
