import type { Logger } from '../observe/logger.js';
import { problem } from './problem.js';

const TELL_EVERY_MS = 60_000;
/** Longest header that is quoted, in characters: an attacker may write it. */
const QUOTED_LENGTH = 100;

const toldAt = new WeakMap<Logger, number>();

const quoted = (value: string | null): string | null => value?.slice(0, QUOTED_LENGTH) ?? null;

/**
 * The answer to a request of another site. The log says so once a minute at most: if the request
 * was the application's own, the reason has to be found, and if it was not, an attacker must not
 * fill the log with it.
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
