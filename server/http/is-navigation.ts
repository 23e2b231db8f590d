import { problem } from './problem.js';

/** The headers by which a browser or a framework says that it fetches a page ahead of its user. */
const AHEAD = ['sec-purpose', 'purpose', 'x-purpose', 'x-moz'];

/**
 * Tells if a page's script sent the request, as the browser's headers say. A client that is no
 * browser does not count: Node's `fetch` sends a mode too, but no destination.
 */
export const isByScript = ({ headers }: Request): boolean =>
  headers.has('sec-fetch-dest') && (headers.get('sec-fetch-mode') ?? 'navigate') !== 'navigate';

/**
 * Tells if a browser goes to the address now. Prefetches, prerendered pages and requests of scripts
 * do not: a login that they began could never end, and would replace the user's own. Clients that
 * are no browsers are accepted.
 *
 * @see W3C Fetch Metadata Request Headers, `Sec-Fetch-Mode`; WICG Speculation Rules, `Sec-Purpose`
 */
export function isNavigation(request: Request): boolean {
  const { method, headers } = request;
  if (method !== 'GET') return false;
  const isAhead = AHEAD.some((name) => /prefetch|prerender|preview/.test(headers.get(name) ?? ''));
  if (isAhead || headers.has('next-router-prefetch')) return false;
  return !isByScript(request);
}

/**
 * Refuses a prefetch with 503 instead of 204. A browser drops a prefetch that failed, and requests
 * the address again when the user goes there.
 */
export const notANavigation = (): Response =>
  problem(503, 'not_a_navigation', 'Only a browser that goes here can sign in or out');
