import type { Logger } from './logger.js';

const write =
  (level: 'warn' | 'error') =>
  (facts: object, message: string): void => {
    // biome-ignore lint/suspicious/noConsole: a platform without a process has no stderr.
    console.error(`stillhere ${level}: ${message} ${JSON.stringify(facts)}`);
  };

/** The default logger: warnings and errors on stderr. */
export const stderrLogger: Logger = { debug() {}, info() {}, warn: write('warn'), error: write('error') };
