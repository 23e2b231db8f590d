/**
 * A hundred thousand clients through an outage and back: the real decision of the core, one browser
 * with one page and a user who types all the time behind each, on a simulated clock. The server is
 * away, answers with an order or not at all, or it is the clients' own network that is away, and
 * all browsers tell of its return within one second. Prints the requests per second over time, how
 * long the clients took that met the outage, and how many lost a session that had 5 s left at the
 * return. Fails where a session is lost, and by the limits of each outage: how busy a second may be
 * against the steady mean after a long one, and how long half of the clients may take after a short
 * one. Needs no build. Usage: node bench/outage.mjs [clients] [seed] [text in the outage's name]
 */
import { loadCore } from './support/core.mjs';
import { createQueue } from './support/queue.mjs';
import { randomFrom } from './support/statistics.mjs';

const CLIENTS = Number(process.argv[2] ?? 100_000);
const SEED = Number(process.argv[3] ?? 1);
const CHOSEN = process.argv[4] ?? '';

const { transition, patience, wakeAt, initialState, DEFAULT_SETTINGS } = await loadCore();
const { interval, minInterval } = DEFAULT_SETTINGS;
const SECOND = 1_000;
/** Pages load over one interval; two more settle the pace. */
const OUTAGE = 3 * interval;
const T0 = 1_700_000_000_000;
/** What a session must have left at the return to be safe. */
const SAFE = 5 * SECOND;

const NO_NETWORK = { kind: 'none', code: 'network', facts: {}, retryAfter: 0 };
const busy = (retryAfter) => ({ kind: 'none', code: 'busy', facts: {}, retryAfter });
const HALF_AN_HOUR = 1_800;

/**
 * How long the way to the server fails and how, the idle limit in seconds, whether browsers tell of
 * the return, and the limits: the busiest second against the steady mean, and the seconds in which
 * half of the clients must be back.
 */
const OUTAGES = {
  'ten minutes of network errors': { lasts: 600, failure: NO_NETWORK, idle: HALF_AN_HOUR, busiest: 3 },
  'ten minutes of 503 with Retry-After: 30': { lasts: 600, failure: busy(30 * SECOND), idle: HALF_AN_HOUR, busiest: 3 },
  'ten minutes of no network, whose return all browsers tell within a second': {
    lasts: 600,
    failure: NO_NETWORK,
    idle: HALF_AN_HOUR,
    isTold: true,
    busiest: 3,
  },
  'two minutes of 503': { lasts: 120, failure: busy(0), idle: HALF_AN_HOUR, median: 15 },
  '35 seconds of network errors, sessions of a minute': {
    lasts: 35,
    failure: NO_NETWORK,
    idle: 60,
    median: 15,
  },
  '35 seconds without an answer, sessions of a minute': {
    lasts: 35,
    failure: { ...NO_NETWORK, code: 'timeout' },
    idle: 60,
    median: 15,
  },
};

function simulate({ lasts, failure, idle, isTold = false }) {
  const RETURN = OUTAGE + lasts * SECOND;
  // What comes of a short outage is over sooner.
  const END = RETURN + (lasts < 300 ? 2 : 4) * interval;
  const random = randomFrom(SEED);
  const queue = createQueue();
  const perSecond = new Array(END / SECOND).fill(0);
  /** Of the clients whose requests failed, how long each took to be answered after the return. */
  const waits = [];
  let lost = 0;
  let safeLost = 0;
  const between = (least, most) => least + random() * (most - least);

  /** The clock of the simulation starts at 0, the device's at any instant. */
  const decide = (client, at, cause) => {
    const step = transition(client.state, { ...cause, at: T0 + at, random: random(), checkable: true });
    client.state = step.state;
    return step;
  };

  /**
   * The page's ping: when there is something to do, and not before the last one could have been
   * answered.
   */
  function plan(client) {
    const at = Math.max(wakeAt(client.state) - T0, client.quietUntil);
    client.pingAt = at;
    if (at >= END) return;
    queue.push(at, () => {
      // Something else has come between.
      if (client.pingAt !== at) return;
      client.quietUntil = at + (client.state.failures ? minInterval / 4 : minInterval);
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
    if (isDown) client.isHit = true;
    const arrives = at + (isDown && failure.code === 'timeout' ? patience(client.state, T0 + at) : between(20, 300));
    const answer = isDown ? failure : judge(client, flight, at, arrives);
    client.answeredAt = arrives;
    if (arrives >= END) return;
    queue.push(arrives, () =>
      send(client, arrives, asked, decide(client, arrives, { type: 'answer', flight, answer }).attempt),
    );
  }

  /** What the server makes of a request that left at `at`. It has it when it answers. */
  function judge(client, { activity, idleMs }, at, arrives) {
    const limit = idle * SECOND;
    const isOver = arrives >= client.activeAt + limit;
    if (at >= RETURN && client.isHit) {
      client.isHit = false;
      if (isOver) lost += 1;
      if (isOver && client.activeAt + limit - RETURN >= SAFE) safeLost += 1;
      if (!isOver) waits.push((arrives - RETURN) / SECOND);
    }
    const facts = { sessionId: client.id, user: client.id, accessTokenExpiresIn: 600 };
    if (isOver) return { kind: 'over', code: 'idle_timeout', facts, retryAfter: 0 };
    if (activity === 'user') client.activeAt = Math.max(client.activeAt, arrives - idleMs);
    facts.idleExpiresIn = (client.activeAt + limit - arrives) / SECOND;
    return { kind: 'alive', code: 'ok', facts, retryAfter: 0 };
  }

  /**
   * As the page: it asks where something failed or is overdue. What is on its way is waited for, as
   * under the lock.
   */
  function hearOnline(client, at) {
    if (at < client.answeredAt) queue.push(client.answeredAt, () => hearOnline(client, client.answeredAt));
    else if (client.state.failures || wakeAt(client.state) <= T0 + at) ping(client, at, 'online');
  }

  for (let n = 0; n < CLIENTS; n += 1) {
    const client = { id: `s${n}`, state: initialState(`store-${n}`), quietUntil: 0, answeredAt: 0 };
    const at = between(0, interval);
    client.activeAt = at;
    queue.push(at, () => ping(client, at, 'hello'));
    const toldAt = RETURN + between(0, SECOND);
    if (isTold) queue.push(toldAt, () => hearOnline(client, toldAt));
  }
  for (let next = queue.pop(); next; next = queue.pop()) next.what();
  return { perSecond, RETURN, END, waits: waits.sort((a, b) => a - b), lost, safeLost };
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

function plot({ perSecond, RETURN }, steady) {
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
for (const [name, outage] of Object.entries(OUTAGES).filter(([name]) => name.includes(CHOSEN))) {
  const started = performance.now();
  const result = simulate(outage);
  const { perSecond, RETURN, END, waits, lost, safeLost } = result;
  const during = (from, to) => perSecond.slice(from / SECOND, to / SECOND);
  const steady = mean(during(OUTAGE - interval, OUTAGE));
  console.log(`outage: ${CLIENTS} clients, ${name} (# mean of 30 s, - busiest second, x outage, > after it)`);
  plot(result, steady);
  const times = (from, to) => Math.max(...during(from, to)) / steady;
  const first = times(RETURN, RETURN + interval);
  const later = times(RETURN + interval, END);
  const within = (share) => waits[Math.floor(waits.length * share)] ?? 0;
  const { busiest = Infinity, median = Infinity } = outage;
  console.log(
    `outage: ${name}: steady ${steady.toFixed(0)}/s; busiest second of the outage ${times(OUTAGE, RETURN).toFixed(2)} times that, of the interval after it ${first.toFixed(2)}, of the later ones ${later.toFixed(2)} (below ${busiest} wanted); ${waits.length} clients that it met were back after ${within(0.5).toFixed(1)} s (half of them; ${median} wanted), ${within(0.9).toFixed(1)} s (nine of ten); ${lost} sessions ended, ${safeLost} of them with 5 s left at the return (none wanted); ${((performance.now() - started) / SECOND).toFixed(0)} s`,
  );
  if (!(first < busiest && later < busiest && within(0.5) <= median && safeLost === 0)) isReached = false;
}
process.exitCode = isReached ? 0 : 1;
