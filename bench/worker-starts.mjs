/**
 * How often the worker is started: a person types now and then in one of three tabs, beats are
 * further apart than an idle worker lives, and nothing is attached to the worker, so that it dies
 * its natural death after each of them. Needs a build. Usage: node bench/worker-starts.mjs
 * [chromium,firefox] [beats]
 */
import { firefox } from '@playwright/test';
import { findFirefox } from '../e2e/setup/browsers.mjs';
import { launchChromium } from './support/chromium.mjs';
import { openSite } from './support/site.mjs';

const WHICH = (process.argv[2] ?? 'chromium,firefox').split(',');
const BEATS = Number(process.argv[3] ?? 8);
const TABS = 3;

/**
 * How each browser is driven: `interval` is well above the time that an idle worker lives there.
 * All times are milliseconds.
 */
const BROWSERS = {
  chromium: {
    interval: 40_000,
    everyKey: 4_000,
    how: 'puppeteer-core, attached to the pages alone; a worker dies 30 s after its last event',
    async open(cookies) {
      const browser = await launchChromium();
      await browser.setCookie(...cookies);
      const isWorker = (target) => target.type() === 'service_worker';
      let deaths = 0;
      browser.on('targetdestroyed', (target) => {
        deaths += Number(isWorker(target));
      });
      return {
        tab: () => browser.newPage(),
        deaths: () => deaths,
        close: () => browser.close(),
      };
    },
  },
  firefox: {
    interval: 12_000,
    everyKey: 1_500,
    how: 'Playwright over WebDriver BiDi, which knows no workers; by preference a worker dies 5 s after its last event, not 30',
    async open(cookies) {
      const found = findFirefox();
      const browser = await firefox.launch({
        ...(found && { executablePath: found.path }),
        ...(found?.stock && { channel: 'moz-firefox' }),
        firefoxUserPrefs: { 'dom.serviceWorkers.idle_timeout': 5_000 },
      });
      const context = await browser.newContext();
      await context.addCookies(cookies);
      return { tab: () => context.newPage(), deaths: () => null, close: () => browser.close() };
    },
  },
};

/**
 * Runs until the server has counted so many beats; gives those and the instances of the worker that
 * have announced themselves.
 */
async function measure({ interval, everyKey, open }) {
  const site = await openSite({
    html: `<!doctype html><title>worker starts</title><link rel="icon" href="data:,"><body><textarea autofocus></textarea>
      <script type="module" src="/app/app.js"></script>`,
    script: `
      import { createKeepalive } from 'stillhere';
      const instances = (globalThis.instances = new Set());
      const pings = (globalThis.pings = []);
      const keepalive = (globalThis.keepalive = createKeepalive({
        interval: ${interval},
        onEvent(event) {
          if (event.type === 'worker') instances.add(event.instance);
          if (event.type === 'ping') pings.push(event.ask);
        },
      }));
      keepalive.start();`,
  });
  const browser = await open(site.browserCookies);
  try {
    const tabs = [];
    for (let i = 0; i < TABS; i += 1) {
      const tab = await browser.tab();
      await tab.goto(site.origin);
      await tab.waitForFunction(() => globalThis.keepalive?.snapshot().status === 'active');
      tabs.push(tab);
    }
    const until = Date.now() + BEATS * interval * 1.5;
    for (let i = 0; site.beats.length < BEATS; i += 1) {
      if (Date.now() > until) throw new Error(`only ${site.beats.length} beats in ${BEATS * 1.5} intervals`);
      // Some words in one tab, then in another.
      const tab = tabs[Math.floor(i / 8) % TABS];
      await tab.bringToFront();
      await tab.keyboard.press('a');
      await new Promise((resolve) => setTimeout(resolve, everyKey * (0.5 + Math.random())));
    }
    const hosts = await Promise.all(tabs.map((tab) => tab.evaluate(() => globalThis.keepalive.snapshot().host)));
    if (hosts.some((host) => host !== 'worker')) throw new Error(`the engine runs in ${hosts.join(', ')}`);
    const seen = await Promise.all(tabs.map((tab) => tab.evaluate(() => [...globalThis.instances])));
    const gaps = site.beats.slice(1).map(({ at }, i) => (at - site.beats[i].at) / 1_000);
    return { beats: site.beats.length, starts: new Set(seen.flat()).size, deaths: browser.deaths(), gaps };
  } finally {
    await browser.close();
    await site.close();
  }
}

for (const name of WHICH) {
  if (!BROWSERS[name]) throw new Error(`worker-starts knows ${Object.keys(BROWSERS).join(' and ')}, not ${name}`);
  const { beats, starts, deaths, gaps } = await measure(BROWSERS[name]);
  const seen = deaths === null ? '' : `, ${deaths} natural deaths seen by the browser`;
  console.log(
    `worker-starts: ${name}: ${starts} starts for ${beats} beats, ${(starts / beats).toFixed(2)} per beat (target 1)${seen}; ${TABS} tabs, beats ${Math.min(...gaps).toFixed(0)} to ${Math.max(...gaps).toFixed(0)} s apart. ${BROWSERS[name].how}.`,
  );
}
