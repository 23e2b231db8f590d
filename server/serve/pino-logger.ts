import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { pino } from 'pino';
import type { Logger } from '../observe/logger.js';

/**
 * Names under which secrets travel: nothing logs them, and if anything ever does, this is what is
 * printed of them.
 */
const SECRETS = [
  'cookie',
  'accessToken',
  'refreshToken',
  'idToken',
  'access_token',
  'refresh_token',
  'id_token',
  'clientSecret',
  'clientKey',
  'client_assertion',
  'location',
];

/**
 * The ready-made server's logger: JSON lines on stdout. Written by Node's own stream: pino's tries
 * for ever, at the process's exit, to flush to a pipe whose reader has gone, so that one signal
 * would not stop the server. What nobody reads is dropped.
 *
 * Each line names its process: `pid` and `host`, and `instance`, an id of this start, since in
 * containers the pid is the same at each.
 */
export function createPinoLogger(level: string): Logger {
  const paths = [...SECRETS, ...SECRETS.map((name) => `*.${name}`), '*.authorization', '*["set-cookie"]'];
  process.stdout.on('error', () => undefined);
  const base = { pid: process.pid, host: hostname(), instance: randomBytes(4).toString('hex') };
  return pino({ level, base, redact: { paths, censor: '[redacted]' } }, process.stdout);
}
