/**
 * What an input event costs with Stillhere on the page, against the same event without: main-thread
 * CPU time of all that the page does for it, of real, trusted events in Chromium. One page, so that
 * nothing else differs: batches with the keepalive stopped and started take turns, and each is
 * compared with its two neighbours. Needs a build. Usage: node bench/input-cost.mjs [seconds per
 * event type] [types, by comma]
 */
import { ACTIVITY_EVENTS } from './support/activity-events.mjs';
import { launchChromium } from './support/chromium.mjs';
import { INPUT_EVENTS } from './support/input-events.mjs';
import { openSite } from './support/site.mjs';
import { median, medianInterval } from './support/statistics.mjs';

const SECONDS = Number(process.argv[2] ?? 18);
const ONLY = process.argv[3]?.split(',');
const BUDGET = 1.05;
/** An `activityResolution` under which each event is noticed that comes 4 ms after another. */
const SHORTEST = 1;
/**
 * A page is told of its start, and for a second after a callback these are taken for the
 * application's own.
 */
const QUIET = { types: ['input', 'focusin'], ms: 1_100 };

const site = await openSite({
  html: `<!doctype html><title>input cost</title><link rel="icon" href="data:,"><body><input autofocus>
    <div style="height:3000px"></div><script type="module" src="/app/app.js"></script>`,
  script: `
    import { createKeepalive } from 'stillhere';
    let keepalive;
    globalThis.bench = {
      on(activityResolution) {
        return new Promise((resolve) => {
          const onEvent = ({ type }) => type === 'host' && resolve();
          keepalive = createKeepalive({ activityResolution, onEvent });
          keepalive.start();
        });
      },
      off: () => keepalive.stop(),
      notices: 0,
      returns: 0,
    };
    // Nothing is dropped on a page that does not take it.
    document.addEventListener('dragover', (event) => event.preventDefault());
    document.addEventListener('drop', (event) => event.preventDefault());
    // Counts how often an event is noticed, which sets the timer of the resolution, and how often
    // the listener of its type comes back.
    const { addEventListener, setTimeout } = window;
    window.addEventListener = function (type, ...rest) {
      if (type === globalThis.bench.type) globalThis.bench.returns += 1;
      return addEventListener.call(window, type, ...rest);
    };
    window.setTimeout = function (run, delay, ...rest) {
      if (delay === globalThis.bench.resolution) globalThis.bench.notices += 1;
      return setTimeout(run, delay, ...rest);
    };`,
});
const browser = await launchChromium();
await browser.setCookie(...site.browserCookies);
const [page] = await browser.pages();
await page.goto(site.origin);
await page.waitForFunction(() => globalThis.bench);
const cdp = await page.createCDPSession();
await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });

const busy = async () =>
  (await cdp.send('Performance.getMetrics')).metrics.find(({ name }) => name === 'TaskDuration').value * 1e6;

/**
 * Microseconds of the main thread that one event takes, milliseconds that the driver takes for it,
 * and how often listeners came back.
 */
async function batch(event, { resolution = null, events, pause = 0 }) {
  await page.evaluate(
    async (given, type, settleMs) => {
      const field = document.querySelector('input');
      field.value = '';
      field.focus();
      if (given !== null) await globalThis.bench.on(given);
      // What the start has set off is over before the first event.
      await new Promise((resolve) => setTimeout(resolve, settleMs));
      Object.assign(globalThis.bench, { resolution: given, type, notices: 0, returns: 0 });
    },
    resolution,
    event.type,
    // Without the keepalive too, so that both have waited alike.
    QUIET.types.includes(event.type) ? QUIET.ms : 30,
  );
  await event.start?.(cdp);
  const [before, started] = [await busy(), performance.now()];
  for (let i = 0; i < events; i += 1) {
    await event.send(cdp, i);
    if (pause) await new Promise((resolve) => setTimeout(resolve, pause));
  }
  const [took, after] = [performance.now() - started, await busy()];
  const { notices, returns } = await page.evaluate(() => ({ ...globalThis.bench }));
  await event.end?.(cdp);
  if (resolution !== null) await page.evaluate(() => globalThis.bench.off());
  return { cost: (after - before) / events, each: took / events, notices, returns };
}

/**
 * Listeners of the activity types on the window: all of them while the keepalive runs, none once it
 * has stopped.
 */
async function listeners() {
  const { result } = await cdp.send('Runtime.evaluate', { expression: 'window' });
  const found = await cdp.send('DOMDebugger.getEventListeners', { objectId: result.objectId });
  return found.listeners.filter(({ type }) => ACTIVITY_EVENTS.includes(type)).length;
}

/**
 * How many trusted events of the type the page sees in a batch, so that nothing is measured that
 * did not happen.
 */
async function arrived(event, events) {
  await page.evaluate((type) => {
    globalThis.arrived = 0;
    globalThis.count = ({ isTrusted }) => {
      globalThis.arrived += Number(isTrusted);
    };
    addEventListener(type, globalThis.count, { capture: true, passive: true });
  }, event.type);
  await batch(event, { events });
  return page.evaluate((type) => {
    removeEventListener(type, globalThis.count, { capture: true });
    return globalThis.arrived;
  }, event.type);
}

const nothing = { capture: true, passive: true };
/** A listener of the page itself, in both states. */
const own = (type, on) =>
  page.evaluate(
    (given, isOn, options) => {
      globalThis.own ??= () => undefined;
      if (isOn) document.addEventListener(given, globalThis.own, options);
      else document.removeEventListener(given, globalThis.own, options);
    },
    type,
    on,
    nothing,
  );

/**
 * Batches without and with in turn for so many seconds, and each with beside the mean of its
 * neighbours without.
 */
async function alternate(event, seconds, least, options) {
  const without = [(await batch(event, { ...options, resolution: null })).cost];
  const pairs = [];
  const until = Date.now() + seconds * 1_000;
  while (Date.now() < until || pairs.length < least) {
    const { cost, notices, returns } = await batch(event, options);
    without.push((await batch(event, { ...options, resolution: null })).cost);
    pairs.push({ cost, notices, returns, beside: (without.at(-1) + without.at(-2)) / 2 });
  }
  return { pairs, without };
}

/**
 * The `activityResolution` under which this machine notices one event in `pace`: timers wait while
 * input is there.
 */
async function resolutionFor(event, events) {
  const { each } = await batch(event, { events });
  let resolution = each * event.pace;
  for (let i = 0; i < 4; i += 1) {
    const { notices } = await batch(event, { resolution: Math.round(resolution), events });
    resolution *= Math.min(2, Math.max(0.5, notices / (events / event.pace)));
  }
  return Math.round(resolution);
}

const ratio = (values) => {
  const [low, high] = medianInterval(values);
  return {
    middle: median(values),
    low,
    high,
    text: `${median(values).toFixed(3)} [${low.toFixed(3)} ${high.toFixed(3)}]`,
  };
};
const verdict = ({ low, high }) => (high <= BUDGET ? 'ok' : low > BUDGET ? 'ABOVE' : 'not resolved');

await page.evaluate(() => globalThis.bench.on(60_000));
const attached = await listeners();
await page.evaluate(() => globalThis.bench.off());
const left = await listeners();
if (attached !== ACTIVITY_EVENTS.length || left !== 0)
  throw new Error(
    `${attached} listeners with the keepalive and ${left} without: these are not the two states to compare`,
  );

console.log(`Target: an input event costs at most ${BUDGET} times the same event without Stillhere, main-thread CPU time of the page.
  ratio    median of all batches with against their neighbours without [95 % interval of that median]; the listeners come back once in so
           many events as a person makes in 5 s, the default
  noise    the same, of batches without against each other: what this machine can resolve
  noticed  what an event costs more that finds the listeners on: at most one in 5 s, whatever the user does
  spread   1 + noticed / (events in 5 s x without): the same ratio from parts that can be resolved, and its interval`);
for (const event of INPUT_EVENTS) {
  if (ONLY && !ONLY.includes(event.type)) continue;
  const name = `${event.type} (${event.how})`;
  await event.before?.(cdp);
  if (event.isOwn) await own(event.type, true);
  const came = await arrived(event, 30);
  // Touches and moves are joined to one a frame.
  if (came < 15) {
    console.log(`input-cost: ${name}: NOT MEASURED, ${came} of 30 arrived as trusted events`);
    continue;
  }
  // Listeners come back at least once in a batch.
  const events = Math.max(100, 2 * event.pace);
  const main = await alternate(event, SECONDS, 6, { resolution: await resolutionFor(event, events), events });
  const alone = await alternate(event, SECONDS / 3, 6, { resolution: SHORTEST, events: 20, pause: 4 });
  if (event.isOwn) await own(event.type, false);

  const without = median(main.without);
  const ratios = ratio(main.pairs.map(({ cost, beside }) => cost / beside));
  const noise = ratio(main.without.slice(1).map((cost, i) => cost / main.without[i]));
  const noticed = alone.pairs.map(({ cost, beside, notices }) => ((cost - beside) * 20) / Math.max(1, notices));
  const spread = ratio(noticed.map((more) => 1 + more / (event.pace * without)));
  const mean = (key) => main.pairs.reduce((sum, pair) => sum + pair[key], 0) / main.pairs.length;
  console.log(
    `input-cost: ${name}: ratio ${ratios.text} ${verdict(ratios)}, noise ${noise.text}, ${main.pairs.length} pairs of ${events} events, ${mean('notices').toFixed(1)} noticed, listeners back ${mean('returns').toFixed(1)} times; without ${without.toFixed(0)} us, noticed +${median(noticed).toFixed(0)} us, spread over ${event.pace}: ${spread.text} ${verdict(spread)}${event.isOwn ? '; the page listens too' : ''}`,
  );
}
for (const type of ACTIVITY_EVENTS.filter((wanted) => !INPUT_EVENTS.some((event) => event.type === wanted)))
  console.log(`input-cost: ${type}: NOT MEASURED, the driver has no way to cause it`);
await browser.close();
await site.close();
