import type { Logger } from '../observe/logger.js';
import { problem } from './problem.js';

const TELL_EVERY_MS = 60_000;
/** The longest header that is quoted, in characters. An attacker may have written it. */
const QUOTED_LENGTH = 100;

const toldAt = new WeakMap<Logger, number>();

const quoted = (value: string | null): string | null => value?.slice(0, QUOTED_LENGTH) ?? null;

/**
 * Makes the answer to a request of another site. The log has a line of it, so that an operator can
 * find out why a request of the application itself was refused. It has at most one a minute, so
 * that an attacker cannot fill the log.
 */
export function refuseOrigin({ headers }: Request, logger: Logger, title: string): Response {
  const now = performance.now();
  if (now - (toldAt.get(logger) ?? Number.NEGATIVE_INFINITY) >= TELL_EVERY_MS) {
    toldAt.set(logger, now);
    const facts = { origin: quoted(headers.get('origin')), site: quoted(headers.get('sec-fetch-site')) };
    logger.warn({ event: 'origin.refuse', ...facts }, 'a request was refused because it does not come from APP_ORIGIN');
  }
  return problem(403, 'cross_origin', title);
}
