/**
 * Ten visible tabs and a user who types in one of them for an hour, and in all of them for another
 * one: requests at the server, and messages posted to the worker after the tabs' hellos, counted
 * where they are posted. The hour is scaled: every duration that can be set is divided by the same
 * number; what the code has fixed is not (tabs leave a ping to the one that saw the activity for 2
 * s). Needs a build. Usage: node bench/ten-tabs.mjs [scale]
 */
import { launchChromium } from './support/chromium.mjs';
import { openSite } from './support/site.mjs';

const SCALE = Number(process.argv[2] ?? 15);
const TABS = 10;
const HOUR = 3_600_000 / SCALE;
const OPTIONS = {
  interval: 300_000 / SCALE,
  activeWindow: 120_000 / SCALE,
  minInterval: 5_000 / SCALE,
  activityResolution: 5_000 / SCALE,
  warnBefore: 60_000 / SCALE,
};

const site = await openSite({
  html: `<!doctype html><title>ten tabs</title><link rel="icon" href="data:,"><body><textarea autofocus></textarea>
    <script type="module" src="/app/app.js"></script>`,
  script: `
    import { createKeepalive } from 'stillhere';
    const keepalive = (globalThis.keepalive = createKeepalive(${JSON.stringify(OPTIONS)}));
    keepalive.start();`,
});
const browser = await launchChromium();
await browser.setCookie(...site.browserCookies);

/**
 * A tab that notes what it posts to the worker. In a window of its own: of the tabs of one window,
 * all but one are hidden.
 */
async function open() {
  const page = await browser.newPage({ type: 'window' });
  await page.evaluateOnNewDocument(() => {
    globalThis.posted = [];
    const { postMessage } = ServiceWorker.prototype;
    ServiceWorker.prototype.postMessage = function (message, ...rest) {
      globalThis.posted.push(message?.payload?.kind ?? 'foreign');
      return postMessage.call(this, message, ...rest);
    };
  });
  await page.goto(site.origin);
  await page.waitForFunction(() => globalThis.keepalive?.snapshot().status === 'active');
  return page;
}

const tabs = [];
for (let i = 0; i < TABS; i += 1) tabs.push(await open());
const states = await Promise.all(
  tabs.map((tab) => tab.evaluate(() => [document.visibilityState, globalThis.keepalive.snapshot().host].join(' '))),
);
if (states.some((state) => state !== 'visible worker')) throw new Error(`tabs are not as they should be: ${states}`);

/** What each tab has posted to the worker so far, as kinds of asks. */
const posted = () => Promise.all(tabs.map((tab) => tab.evaluate(() => globalThis.posted)));

const atStart = (await posted()).flat().length;
console.log(
  `ten-tabs: an hour at a 5-minute interval, 1:${SCALE}, after ${atStart} messages and ${site.beats.length} requests of ${TABS} tabs at their start`,
);

/** An hour of a steady typist, two keys a second, in each of the first `active` tabs. */
async function typeIn(active, target) {
  const earlier = await posted();
  const before = site.beats.length;
  const until = Date.now() + HOUR;
  while (Date.now() < until) {
    await Promise.all(tabs.slice(0, active).map((tab) => tab.keyboard.press('a')));
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  const later = (await posted()).map((kinds, i) => kinds.slice(earlier[i].length));
  const beats = site.beats.slice(before);
  const refused = beats.filter(({ status }) => status !== 200).length;
  const tally = {};
  for (const kind of later.flat()) tally[kind] = (tally[kind] ?? 0) + 1;
  console.log(`ten-tabs: typing in ${active}: ${beats.length} requests, ${refused} of them refused (target: one per interval, which is 12 to 13.3 an hour: each comes up to a tenth early)
ten-tabs: typing in ${active}: ${later.flat().length} messages posted to the worker (target: at most ${target}): ${JSON.stringify(tally)}, ${later.slice(active).flat().length} of them by tabs that nobody types in`);
}

await typeIn(1, 14);
// No person does that, but a driver, or a remote hand in many windows.
await typeIn(TABS, 14);
await browser.close();
await site.close();
