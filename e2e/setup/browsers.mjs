import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium, firefox } from '@playwright/test';

/**
 * Where a browser was found. `stock` is one that the machine has, as opposed to Playwright's own
 * build: the two start differently.
 * @typedef {{ path: string, stock: boolean }} Found
 */

/** @param {string} name */
const onPath = (name) =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));

/**
 * @param {string} variable
 * @param {string[]} names
 * @param {string[]} places
 * @param {import('@playwright/test').BrowserType} own
 * @returns {Found | null}
 */
function find(variable, names, places, own) {
  const given = process.env[variable];
  if (given) {
    if (!existsSync(given)) throw new Error(`${variable} names ${given}, and there is no such file`);
    return { path: given, stock: true };
  }
  const path = names.map(onPath).find((found) => found) ?? places.find((place) => existsSync(place));
  if (path) return { path, stock: true };
  return existsSync(own.executablePath()) ? { path: own.executablePath(), stock: false } : null;
}

/**
 * Chromium or Chrome: `CHROMIUM_PATH`, else what the machine has, else Playwright's own; `null` for
 * none.
 * @returns {Found | null}
 */
export const findChromium = () =>
  find(
    'CHROMIUM_PATH',
    ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
    [
      '/Applications/Chromium.app/Contents/MacOS/Chromium',
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    ],
    chromium,
  );

/**
 * Firefox: `FIREFOX_PATH`, else what the machine has, else Playwright's own; `null` for none.
 * @returns {Found | null}
 */
export const findFirefox = () =>
  find('FIREFOX_PATH', ['firefox-esr', 'firefox'], ['/Applications/Firefox.app/Contents/MacOS/firefox'], firefox);

/**
 * A program on the `PATH`.
 * @param {string} name
 * @returns {boolean}
 */
export const hasProgram = (name) => onPath(name) !== undefined;
