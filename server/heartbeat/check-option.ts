import { isLoopback } from '../http/loopback.js';
import type { Logger } from '../observe/logger.js';
import { stderrLogger } from '../observe/stderr-logger.js';
import type { OwnSessions } from './own-sessions.js';

/** Makes the error for a wrong option. It quotes no value, because some values are secrets. */
export function fail(option: string, takes: string): never {
  throw new TypeError(`stillhere: option "${option}" takes ${takes}`);
}

export function text(option: string, value: unknown): string {
  return typeof value === 'string' && value !== '' ? value : fail(option, 'a string that is not empty');
}

/** Returns an origin exactly as browsers write it, or throws a TypeError. */
export function readAppOrigin(value: unknown): string {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : null;
  const right = url && (value === url.origin || value === `${url.origin}/`);
  const secure = url && (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url)));
  return right && secure
    ? url.origin
    : fail('appOrigin', 'an origin such as "https://app.example"; http only on loopback');
}

/** Returns a logger, or throws a TypeError. */
export function readLogger(value: Logger | undefined): Logger {
  const logger = value ?? stderrLogger;
  const levels = [logger.debug, logger.info, logger.warn, logger.error];
  return levels.every((level) => typeof level === 'function')
    ? logger
    : fail('logger', 'an object with debug, info, warn and error');
}

/** Checks the two functions by which an application keeps sessions of its own. */
export function resolveOwnSessions(options: OwnSessions, otherwise = ''): OwnSessions {
  for (const name of ['identify', 'refresh'] as const) {
    if (typeof options[name] !== 'function') fail(name, `a function${otherwise}`);
  }
  return {
    identify: (request) => options.identify(request),
    refresh: (request, beat) => options.refresh(request, beat),
  };
}
