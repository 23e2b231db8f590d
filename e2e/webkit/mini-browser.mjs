import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const LIBRARIES = '/usr/lib';
const VERSIONS = ['webkit2gtk-4.1', 'webkitgtk-6.0', 'webkit2gtk-4.0'];

/** Where Debian and its like put it: below a folder for the machine's kind. */
function findMiniBrowser() {
  if (!existsSync(LIBRARIES)) return null;
  const folders = readdirSync(LIBRARIES, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const places = VERSIONS.flatMap((version) =>
    folders.map(({ name }) => join(LIBRARIES, name, version, 'MiniBrowser')),
  );
  return places.find((path) => existsSync(path)) ?? null;
}

/**
 * WebKitGTK's browser that its driver can drive: `MINI_BROWSER_PATH`, else where packages put it;
 * `null` for none.
 * @returns {string | null}
 */
export const miniBrowser = () => process.env.MINI_BROWSER_PATH || findMiniBrowser();
