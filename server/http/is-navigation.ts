import { problem } from './problem.js';

/** Headers by which a browser or a framework says that it fetches ahead: a user may never come. */
const AHEAD = ['sec-purpose', 'purpose', 'x-purpose', 'x-moz'];

/**
 * Tells if a script of a page sent the request, as far as the browser says so. Clients that are no
 * browsers do not count: Node's `fetch` sends a mode too, but no destination.
 */
export const isByScript = ({ headers }: Request): boolean =>
  headers.has('sec-fetch-dest') && (headers.get('sec-fetch-mode') ?? 'navigate') !== 'navigate';

/**
 * Tells if a browser goes to the address now. Prefetches, prerendered pages and requests of scripts
 * do not: a login that began by one would push the user's own out of the browser, and could never
 * end. Clients that are no browsers are let through.
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
 * 503, not 204: a browser throws a failed prefetch away, and goes to the address itself when the
 * user does.
 */
export const notANavigation = (): Response =>
  problem(503, 'not_a_navigation', 'Only a browser that goes here can sign in or out');
