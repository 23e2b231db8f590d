import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isKey } from './app-options.js';
import { ConfigError } from './config-error.js';

const COMMAND = `node -p "require('node:crypto').randomBytes(32).toString('base64url')"`;

/**
 * A key for a developer's machine, made once and kept in `dataDir` for its owner only. Throws a `ConfigError` with the command that makes a
 * key where the application is not on http loopback or runs in production: a key on the same disk as the sessions protects nothing there.
 */
export function developmentKey(options: { appOrigin: string; dataDir: string; production: boolean }): string {
  if (options.production || !options.appOrigin.startsWith('http:')) {
    throw new ConfigError(
      `SESSION_KEYS is not set: it takes base64url keys of 32 bytes each, and this makes one: ${COMMAND}`,
    );
  }
  const path = join(options.dataDir, 'session-key');
  try {
    mkdirSync(options.dataDir, { recursive: true, mode: 0o700 });
    // `wx`: of two servers that start at once, one makes the key and both use it.
    writeFileSync(path, randomBytes(32).toString('base64url'), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST')
      throw new ConfigError('DATA_DIR takes the path of a folder that can be written to.');
  }
  const key = readFileSync(path, 'utf8').trim();
  if (!isKey(key))
    throw new ConfigError(`SESSION_KEYS is not set, and the key kept in ${path} cannot be read: delete it.`);
  return key;
}
