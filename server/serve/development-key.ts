import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isKey } from '../options/app-options.js';
import { ConfigError } from './config-error.js';

const COMMAND = `node -p "require('node:crypto').randomBytes(32).toString('base64url')"`;

const codeOf = (error: unknown): unknown => (error as NodeJS.ErrnoException).code;

/** The key kept at `path`, `null` if there is none; what cannot be read is no key. */
function keptKey(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    return codeOf(error) === 'ENOENT' ? null : '';
  }
}

/**
 * Keeps a new key at `path` unless there is one. Written whole before it has that name: of servers
 * that start at once, one makes the key.
 */
function makeKey(path: string): void {
  const draft = `${path}-${randomBytes(6).toString('base64url')}`;
  writeFileSync(draft, randomBytes(32).toString('base64url'), { flag: 'wx', mode: 0o600 });
  try {
    linkSync(draft, path);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/**
 * A key for a developer's machine, made once and kept in `dataDir` for its owner only. Throws a
 * `ConfigError` with the command that makes a key where the application is not on http loopback or
 * runs in production: a key on the same disk as the sessions protects nothing there.
 */
export function developmentKey(options: { appOrigin: string; dataDir: string; production: boolean }): string {
  if (options.production || !options.appOrigin.startsWith('http:')) {
    throw new ConfigError(
      `SESSION_KEYS is not set: it takes base64url keys of 32 bytes each, and this makes one: ${COMMAND}`,
    );
  }
  const path = join(options.dataDir, 'session-key');
  let key: string | null = null;
  try {
    mkdirSync(options.dataDir, { recursive: true, mode: 0o700 });
    key = keptKey(path);
    if (key === null) {
      makeKey(path);
      key = keptKey(path);
    }
  } catch {
    throw new ConfigError('DATA_DIR takes the path of a folder that can be written to.');
  }
  if (!isKey(key))
    throw new ConfigError(`SESSION_KEYS is not set, and the key kept in ${path} cannot be read: delete it.`);
  return key;
}
