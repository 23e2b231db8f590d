import { pino } from 'pino';
import type { Logger } from './session/logger.js';

/** Names under which secrets travel: nothing logs them, and if anything ever does, this is what is printed of them. */
const SECRETS = [
  'cookie',
  'accessToken',
  'refreshToken',
  'idToken',
  'access_token',
  'refresh_token',
  'id_token',
  'clientSecret',
  'location',
];

/** The ready-made server's logger: JSON lines on stdout. */
export function createPinoLogger(level: string): Logger {
  const paths = [...SECRETS, ...SECRETS.map((name) => `*.${name}`), '*.authorization', '*["set-cookie"]'];
  return pino({ level, base: null, redact: { paths, censor: '[redacted]' } });
}
