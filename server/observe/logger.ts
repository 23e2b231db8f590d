import { cutForLog, type LogFacts } from './log-events.js';

/**
 * Where the server's log goes; pino's loggers fit. What is passed to it holds no token, no cookie
 * and no key.
 */
export interface Logger {
  debug(facts: LogFacts, message: string): void;
  info(facts: LogFacts, message: string): void;
  warn(facts: LogFacts, message: string): void;
  error(facts: LogFacts, message: string): void;
}

/** Tells a `StoreError` by its name: the store's room stands above this one. */
const isStoreError = (error: unknown): error is Error & { kind: string | null } =>
  error instanceof Error && error.name === 'StoreError' && 'kind' in error;

/**
 * What may be said of a caught error: messages and causes can quote tokens (an OAuth library's do),
 * names and codes cannot.
 */
export function errorFacts(error: unknown): { error: string; code?: string; cause?: string } {
  if (!(error instanceof Error)) return { error: typeof error };
  const code = codeOf(error);
  const cause = isStoreError(error) ? error.kind : null;
  return { error: error.name, ...(code !== null && { code }), ...(cause !== null && { cause }) };
}

const MOST_STACK_BYTES = 4_096;

/**
 * The places of an error's stack, without its message: a message may quote what must not be logged.
 */
export function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const { message, stack = '' } = error;
  const from = stack.indexOf(message);
  // A line of the message may look like a place.
  const after = from < 0 ? stack : stack.slice(from + message.length);
  const places = after.split('\n').filter((line) => /^\s+at /.test(line));
  return cutForLog(places.map((line) => line.trim()).join('\n'), MOST_STACK_BYTES);
}

/** An error's `code`, or that of the error that caused it. */
export function codeOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error.cause === error ? null : codeOf(error.cause);
}

/**
 * Logs a failure of one request. A failure of the store is at `debug` only: it concerns all
 * requests, and the store's health tells of it in one line.
 */
export function logFailure(
  logger: Logger,
  level: 'warn' | 'error',
  error: unknown,
  message: string,
  facts: LogFacts,
): void {
  logger[isStoreError(error) ? 'debug' : level]({ ...facts, ...errorFacts(error) }, message);
}
