import { checkOrigin, hasOwnHeader, namesOtherOrigin } from '../http/origin-check.js';
import { problem } from '../http/problem.js';
import { refuseOrigin } from '../http/refuse-origin.js';
import type { Logger } from '../observe/logger.js';
import type { Presence } from '../verdict/verdict.js';
import { readPresence } from './read-presence.js';

const crossOrigin = (request: Request, logger: Logger) =>
  refuseOrigin(request, logger, 'The request does not come from this application');

interface Guard {
  appOrigin: string;
  logger: Logger;
}

/** Reads the beat in a request, or makes the answer that refuses it: 405, 403, 413, 415 or 400. */
export async function readBeat(request: Request, { appOrigin, logger }: Guard): Promise<Presence | Response> {
  if (request.method !== 'POST') {
    return problem(405, 'method_not_allowed', 'A beat is a POST', { headers: { Allow: 'POST' } });
  }
  if (!checkOrigin(request, { appOrigin, needHeader: true })) return crossOrigin(request, logger);
  return readPresence(request);
}

/**
 * Makes the answer that refuses a `GET` for what is left, or returns `null` if the application's
 * own page asks. Browsers send no `Origin` with such a GET, and older ones no `Sec-Fetch-Site`.
 * Then the contract's header, which needs a preflight, is the proof.
 */
export function refuseStatus(request: Request, { appOrigin, logger }: Guard): Response | null {
  const site = request.headers.get('sec-fetch-site');
  const isOwn = hasOwnHeader(request) && !namesOtherOrigin(request, appOrigin);
  return isOwn && (site === null || site === 'same-origin') ? null : crossOrigin(request, logger);
}
