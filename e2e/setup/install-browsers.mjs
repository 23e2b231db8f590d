import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { command } from '../../tools/command.mjs';
import { WEBKIT_PROGRAMS } from '../webkit/programs.mjs';
import { findChromium, findFirefox, hasProgram } from './browsers.mjs';

/** What the tests drive, the Debian package that brings it, and how else to come by it. */
const NEEDED = [
  {
    ...{ what: 'Chromium', debian: 'chromium', there: () => findChromium() !== null },
    otherwise: 'npx playwright install chromium, or CHROMIUM_PATH with the one that you have',
  },
  {
    ...{ what: 'Firefox', debian: 'firefox-esr', there: () => findFirefox() !== null },
    otherwise: 'npx playwright install firefox, or FIREFOX_PATH with the one that you have',
  },
  {
    ...{ what: 'Redis', debian: 'redis-server', there: () => hasProgram('redis-server') },
    otherwise: 'any redis-server on the PATH',
  },
  {
    ...{ what: 'nginx', debian: 'nginx-light', there: () => hasProgram('nginx') || existsSync('/usr/sbin/nginx') },
    otherwise: 'any nginx on the PATH, 1.22 or later, with TLS and HTTP/2',
  },
  {
    ...{ what: 'OpenSSL', debian: 'openssl', there: () => hasProgram('openssl') },
    otherwise: 'any openssl on the PATH',
  },
];
/**
 * Brought along where that costs one command, and asked of nobody: where they cannot be brought,
 * the specs in WebKitGTK are left out.
 */
const WELCOME = WEBKIT_PROGRAMS;

/** Whether this is Debian, or like it, and root asks. */
export const canInstall = () => process.getuid?.() === 0 && hasProgram('apt-get');
const absent = (list) => list.filter(({ there }) => !there());

/**
 * Installs the missing programs with apt, on Debian and as root. Otherwise it uses the programs
 * that the machine has.
 * @throws {Error} naming the programs to install.
 */
export async function installBrowsers() {
  const wanted = absent([...NEEDED, ...WELCOME]);
  if (wanted.length && canInstall()) {
    const packages = [...new Set(wanted.map(({ debian }) => debian))];
    console.log(`browsers: apt-get install ${packages.join(' ')}`);
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    await command('apt-get', ['update'], { env });
    await command('apt-get', ['install', '-y', '--no-install-recommends', ...packages], { env });
  }
  const missing = absent(NEEDED);
  if (missing.length) {
    const names = missing.map(({ what }) => what).join(' and ');
    throw new Error(
      [
        `The tests need ${names}. On Debian, as root: apt-get install ${missing.map(({ debian }) => debian).join(' ')}. Else:`,
        ...missing.map(({ what, otherwise }) => `  ${what}: ${otherwise}`),
      ].join('\n'),
    );
  }
  console.log(`browsers: ${findChromium()?.path}, ${findFirefox()?.path}`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await installBrowsers().catch((error) => {
    console.log(error.message);
    process.exitCode = 1;
  });
}
