/**
 * Makes docs/demo.png and docs/demo-dark.png: types into the demo until the session left alone has
 * ended and the kept one was just refilled. Run `npm run build` first.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { root } from '../../tools/root.mjs';
import { findChromium } from '../setup/browsers.mjs';

const PICTURES = { light: 'docs/demo.png', dark: 'docs/demo-dark.png' };
/**
 * The README shows it at about 830 px: small enough for its text to be read there, twice as fine
 * for sharp screens.
 */
const VIEW = { viewport: { width: 1080, height: 760 }, deviceScaleFactor: 1.6 };
const MOST_BYTES = 300_000;
const TEXT =
  'We will turn the strip of asphalt behind the library into a garden that anybody may sit in. Twelve neighbours have offered to look after it, and the school next door will plant the first beds. ';

/** Starts the demo on free ports and resolves to its address. */
async function startDemo(dataDir) {
  const child = spawn(process.execPath, [join(root, 'build/demo/main.js')], {
    env: { ...process.env, PORT: '0', PROVIDER_PORT: '0', DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise((resolve, reject) => {
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
      const found = /http:\/\/localhost:\d+/.exec(output)?.[0];
      if (found) resolve(found);
    });
    child.once('exit', () => reject(new Error('The demo did not start.')));
  });
  return { url, stop: () => child.kill() };
}

const dataDir = mkdtempSync(join(tmpdir(), 'stillhere-demo-'));
const demo = await startDemo(dataDir);
const found = findChromium();
const browser = await chromium.launch({
  ...(found && { executablePath: found.path }),
  // Chromium's sandbox refuses to run as root, as in a container.
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
});
try {
  const page = await (await browser.newContext({ ...VIEW, reducedMotion: 'reduce' })).newPage();
  await page.goto(demo.url);
  await page.getByTestId('sign-in').click();
  await page.getByRole('textbox').fill('Ada Lovelace');
  await page.getByRole('button').click();
  await page.getByTestId('field-summary').focus();
  const ended = page.locator('[data-testid="alone-status"][data-status="expired"]');
  for (let i = 0; !(await ended.count()); i += 1) {
    await page.keyboard.type(TEXT[i % TEXT.length] ?? ' ', { delay: 180 });
  }
  // On to the next beat, so that the picture shows it after the other's end.
  const beats = page.locator('[data-testid="timeline-row"][data-type="beat"]');
  const before = await beats.count();
  await page.getByTestId('field-project').focus();
  const title = 'A garden behind the library';
  for (let i = 0; i < title.length || (await beats.count()) === before; i += 1) {
    await page.keyboard.type(title[i] ?? ' ', { delay: 300 });
  }
  await page.locator('[data-testid="timeline-row"][data-type="answer"]').first().waitFor();
  // From the two cards on: what is above them is on every page.
  await page.evaluate(() => scrollTo(0, document.querySelector('.strip').offsetTop));
  for (const [colorScheme, path] of Object.entries(PICTURES)) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: join(root, path) });
    const { size } = statSync(join(root, path));
    console.log(`${path}: ${size} bytes`);
    if (size > MOST_BYTES) throw new Error(`${path} has more than ${MOST_BYTES} bytes`);
  }
} finally {
  await browser.close();
  demo.stop();
  rmSync(dataDir, { recursive: true, force: true });
}
