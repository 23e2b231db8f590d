import type { Logger } from './session/logger.js';

const write =
  (level: 'warn' | 'error') =>
  (facts: object, message: string): void => {
    process.stderr.write(`stillhere ${level}: ${message} ${JSON.stringify(facts)}\n`);
  };

/** The default logger: warnings and errors on stderr. */
export const stderrLogger: Logger = { debug() {}, info() {}, warn: write('warn'), error: write('error') };
