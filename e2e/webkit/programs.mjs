import { hasProgram } from '../setup/browsers.mjs';
import { miniBrowser } from './mini-browser.mjs';

/** What the specs in WebKitGTK run on, and the Debian package that brings it. */
export const WEBKIT_PROGRAMS = [
  {
    what: 'WebKitGTK with its driver',
    debian: 'webkit2gtk-driver',
    there: () => hasProgram('WebKitWebDriver') && miniBrowser() !== null,
  },
  { what: 'Xvfb', debian: 'xvfb', there: () => hasProgram('Xvfb') },
  { what: 'OpenSSL', debian: 'openssl', there: () => hasProgram('openssl') },
];
