/**
 * Makes docs/demo.png: types into the demo until the session left alone has ended. Run `npm run build` first, then `node e2e/demo/record.mjs`.
 * CHROMIUM names the browser's executable; default /usr/bin/chromium.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';

const root = fileURLToPath(new URL('../..', import.meta.url));
const picture = join(root, 'docs/demo.png');
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
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
try {
  const context = await browser.newContext({ viewport: { width: 1280, height: 960 }, deviceScaleFactor: 1.5 });
  const page = await context.newPage();
  await page.goto(demo.url);
  await page.getByTestId('sign-in').click();
  await page.getByRole('textbox').fill('Ada Lovelace');
  await page.getByRole('button').click();
  await page.getByTestId('field-project').pressSequentially('A garden behind the library', { delay: 60 });
  await page.getByTestId('field-summary').focus();
  const ended = page.locator('[data-testid="alone-status"][data-status="expired"]');
  for (let i = 0; !(await ended.count()); i += 1) {
    await page.keyboard.type(TEXT[i % TEXT.length] ?? ' ', { delay: 180 });
  }
  await page.keyboard.type('That is all.', { delay: 400 });
  await page.evaluate(() => scrollTo(0, 0));
  mkdirSync(join(root, 'docs'), { recursive: true });
  await page.screenshot({ path: picture });
  console.log(picture);
} finally {
  await browser.close();
  demo.stop();
  rmSync(dataDir, { recursive: true, force: true });
}
