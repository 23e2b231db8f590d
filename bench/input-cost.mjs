/**
 * What an input event costs with Stillhere on the page, against the same event without: main-thread time of real, trusted events in
 * Chromium, two pages side by side, batch by batch in turn, the ratio of the medians. Usage: node bench/input-cost.mjs [batches]
 */
import { createServer } from 'node:http';
import { build } from 'esbuild';
import puppeteer from 'puppeteer-core';
import { findChromium } from '../e2e/setup/browsers.mjs';

const BATCHES = Number(process.argv[2] ?? 15);
const EVENTS = 200;

const bundle = await build({
  stdin: {
    contents: `import { createKeepalive } from './client/index.ts'; createKeepalive({ worker: false, statusEndpoint: null }).start();`,
    resolveDir: process.cwd(),
  },
  bundle: true,
  minify: true,
  format: 'esm',
  splitting: true,
  outdir: 'out',
  write: false,
});
const files = new Map(bundle.outputFiles.map(({ path, contents }) => [path.slice(path.lastIndexOf('/')), contents]));
const entry = [...files.keys()].find((path) => path.includes('stdin'));
const page = (script) =>
  `<!doctype html><title>input cost</title><body><input autofocus><div style="height:3000px"></div>${script}`;

const server = createServer((request, response) => {
  const file = files.get(request.url);
  if (file) response.setHeader('Content-Type', 'text/javascript').end(file);
  else if (request.url === '/auth/heartbeat') {
    response.setHeader('Content-Type', 'application/json').end('{"nextBeatIn":300,"sessionId":"bench"}');
  } else {
    const script = request.url === '/with' ? `<script type="module" src="${entry}"></script>` : '';
    response.setHeader('Content-Type', 'text/html').end(page(script));
  }
});
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const origin = `http://localhost:${server.address().port}`;
const browsers = [];

/** A browser of its own for each page: one in the background gets no mouse events. */
async function open(path) {
  const browser = await puppeteer.launch({ executablePath: findChromium()?.path, args: ['--no-sandbox'] });
  browsers.push(browser);
  const [tab] = await browser.pages();
  await tab.goto(origin + path);
  const cdp = await tab.createCDPSession();
  await cdp.send('Emulation.setFocusEmulationEnabled', { enabled: true });
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
  return cdp;
}

const at = (i) => ({ x: 50 + (i % 100), y: 200 + (i % 90) });
const EVENT_TYPES = {
  'keydown + input': (cdp, i) =>
    cdp.send('Input.dispatchKeyEvent', { type: 'keyDown', key: 'a', code: 'KeyA', text: i % 50 ? 'a' : 'b' }),
  pointermove: (cdp, i) => cdp.send('Input.dispatchMouseEvent', { type: 'mouseMoved', ...at(i) }),
  pointerdown: async (cdp, i) => {
    await cdp.send('Input.dispatchMouseEvent', { type: 'mousePressed', button: 'left', clickCount: 1, ...at(i) });
    await cdp.send('Input.dispatchMouseEvent', { type: 'mouseReleased', button: 'left', clickCount: 1, ...at(i) });
  },
  wheel: (cdp, i) =>
    cdp.send('Input.dispatchMouseEvent', { type: 'mouseWheel', deltaX: 0, deltaY: i % 2 ? 10 : -10, ...at(i) }),
  compositionupdate: (cdp, i) =>
    cdp.send('Input.imeSetComposition', { text: i % 2 ? 'a' : 'ab', selectionStart: 0, selectionEnd: 1 }),
  focusin: (cdp) =>
    cdp.send('Runtime.evaluate', { expression: `{ const i = document.querySelector('input'); i.blur(); i.focus(); }` }),
};

/** Seconds of the main thread that one event takes. */
async function batch(cdp, dispatch) {
  const read = async () =>
    (await cdp.send('Performance.getMetrics')).metrics.find(({ name }) => name === 'TaskDuration').value;
  const before = await read();
  for (let i = 0; i < EVENTS; i += 1) await dispatch(cdp, i);
  return ((await read()) - before) / EVENTS;
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const pages = { without: await open('/without'), with: await open('/with') };
console.log(`main-thread time per event, median of ${BATCHES} batches of ${EVENTS}; budget 1.05`);
for (const [name, dispatch] of Object.entries(EVENT_TYPES)) {
  const seconds = { without: [], with: [] };
  for (const side of ['without', 'with']) await batch(pages[side], dispatch);
  for (let i = 0; i < BATCHES; i += 1) {
    for (const side of i % 2 ? ['with', 'without'] : ['without', 'with'])
      seconds[side].push(await batch(pages[side], dispatch));
  }
  const [without, withIt] = [median(seconds.without), median(seconds.with)];
  const us = (value) => `${(value * 1e6).toFixed(1)} us`.padStart(10);
  console.log(`${name.padEnd(24)} without ${us(without)}  with ${us(withIt)}  ratio ${(withIt / without).toFixed(3)}`);
}
await Promise.all(browsers.map((browser) => browser.close()));
server.close();
