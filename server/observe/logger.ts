import { cutForLog, type LogFacts } from './log-events.js';

/**
 * The server's log. A logger of pino can be used. Nothing that is passed to it holds a token, a
 * cookie or a key.
 */
export interface Logger {
  debug(facts: LogFacts, message: string): void;
  info(facts: LogFacts, message: string): void;
  warn(facts: LogFacts, message: string): void;
  error(facts: LogFacts, message: string): void;
}

/** Recognizes a `StoreError` by its name, because this folder may not import from the store's. */
const isStoreError = (error: unknown): error is Error & { kind: string | null } =>
  error instanceof Error && error.name === 'StoreError' && 'kind' in error;

/**
 * Returns the facts of a caught error that may be logged: its name and code. Messages and causes
 * may quote tokens, as those of an OAuth library do.
 */
export function errorFacts(error: unknown): { error: string; code?: string; cause?: string } {
  if (!(error instanceof Error)) return { error: typeof error };
  const code = codeOf(error);
  const cause = isStoreError(error) ? error.kind : null;
  return { error: error.name, ...(code !== null && { code }), ...(cause !== null && { cause }) };
}

const MOST_STACK_BYTES = 4_096;

/**
 * Returns the places of an error's stack without its message, which may quote a secret.
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

/** Returns an error's `code`, or the code of its cause. */
export function codeOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error.cause === error ? null : codeOf(error.cause);
}

/**
 * Logs a failure of one request. A failure of the store is logged at `debug` only: it concerns all
 * requests, and the store's health logs it in one line.
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
