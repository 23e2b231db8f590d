import puppeteer from 'puppeteer-core';
import { findChromium } from '../../e2e/setup/browsers.mjs';

/**
 * Starts Chromium as people use it: puppeteer attaches to no worker as long as nobody asks for one.
 */
export function launchChromium(options = {}) {
  const found = findChromium();
  if (!found) throw new Error('No Chromium found: set CHROMIUM_PATH');
  const isRoot = process.getuid?.() === 0;
  return puppeteer.launch({
    executablePath: found.path,
    ...options,
    // Chromium's sandbox refuses to run as root, as in a container.
    args: [...(isRoot ? ['--no-sandbox'] : []), ...(options.args ?? [])],
  });
}
