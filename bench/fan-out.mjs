/**
 * How long the news of an end takes: from the server's 401 to `onExpired` in the last of fifty
 * tabs, against a bare post on a BroadcastChannel to the same fifty tabs in the same round. Real
 * tabs in Chromium, and one clock for all, that of this machine. Each round ends the session once
 * and signs in again. Before each measurement the tabs have come to rest.
 *
 * The server answers after 50 ms, as a server in another place does. A server that answers at once
 * would measure something else as well: the tabs would still be busy with the news that a request
 * has left.
 *
 * Needs a build. Usage: node bench/fan-out.mjs [rounds] [tabs]
 */
import { launchChromium } from './support/chromium.mjs';
import { openSite } from './support/site.mjs';
import { median } from './support/statistics.mjs';

const ROUNDS = Number(process.argv[2] ?? 15);
const TABS = Number(process.argv[3] ?? 50);
const TARGET = 3;
const ANSWER_MS = 50;
const REST_MS = 1_500;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

let round = 0;
let isEnding = false;
let endedAt = 0;
const site = await openSite({
  html: `<!doctype html><title>fan-out</title><link rel="icon" href="data:,"><body>
    <script type="module" src="/app/app.js"></script>`,
  script: `
    import { createKeepalive } from 'stillhere';
    const bench = (globalThis.bench = { bareAt: 0, expiredAt: 0, post: () => channel.postMessage(null) });
    const channel = new BroadcastChannel('bare');
    channel.onmessage = () => (bench.bareAt = Date.now());
    bench.keepalive = createKeepalive({ minInterval: 1, onExpired: () => (bench.expiredAt = Date.now()) });
    if (!location.search) bench.keepalive.start();`,
  async answer() {
    const sessionId = `S${round}`;
    if (!isEnding) return Response.json({ sessionId, idleExpiresIn: 1_800 });
    isEnding = false;
    await pause(ANSWER_MS);
    endedAt = Date.now();
    return Response.json({ reason: 'revoked', sessionId }, { status: 401 });
  },
});
const browser = await launchChromium();

/** Signs in as the server does: a readable cookie names the session. */
const signIn = () => browser.setCookie({ ...site.browserCookies[1], value: `S${round}` });
await signIn();

const isActive = () => globalThis.bench?.keepalive.snapshot().status === 'active';

/** A page with the channel and nothing else: a channel does not hear itself. */
const poster = await browser.newPage();
await poster.goto(`${site.origin}/?poster`);
const tabs = [];
for (let i = 0; i < TABS; i += 1) {
  const tab = await browser.newPage();
  await tab.goto(site.origin);
  await tab.waitForFunction(isActive);
  tabs.push(tab);
}

/** The instants that all tabs noted, once each has noted one. */
async function noted(name) {
  await Promise.all(tabs.map((tab) => tab.waitForFunction((key) => globalThis.bench[key], { polling: 100 }, name)));
  const instants = await Promise.all(
    tabs.map((tab) =>
      tab.evaluate((key) => {
        const at = globalThis.bench[key];
        globalThis.bench[key] = 0;
        return at;
      }, name),
    ),
  );
  return { first: Math.min(...instants), last: Math.max(...instants) };
}

const rounds = [];
while (rounds.length < ROUNDS) {
  await pause(REST_MS);
  const postedAt = await poster.evaluate(() => {
    const at = Date.now();
    globalThis.bench.post();
    return at;
  });
  const bare = await noted('bareAt');

  await pause(REST_MS);
  isEnding = true;
  await tabs[0].evaluate(() => void globalThis.bench.keepalive.unauthorized());
  const expired = await noted('expiredAt');
  rounds.push({
    bare: bare.last - postedAt,
    first: expired.first - endedAt,
    last: expired.last - endedAt,
    ratio: (expired.last - endedAt) / (bare.last - postedAt),
  });

  round += 1;
  await signIn();
  await tabs[0].evaluate(() => globalThis.bench.keepalive.signedIn());
  await Promise.all(tabs.map((tab) => tab.waitForFunction(isActive, { polling: 100 })));
}

const middle = (name) => median(rounds.map((figures) => figures[name]));
console.log(`fan-out: ${ROUNDS} rounds, ${TABS} tabs, medians, milliseconds:
fan-out: bare post to the last tab ${middle('bare')}; from the server's 401 to onExpired in the first tab ${middle('first')}, in the last ${middle('last')}
fan-out: ${middle('ratio').toFixed(1)} times the bare post (target: at most ${TARGET}); each round: ${rounds.map(({ ratio }) => ratio.toFixed(1)).join(' ')}`);
await browser.close();
await site.close();
