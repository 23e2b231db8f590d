import { HEADER_NAME, HEADER_VALUE } from '../contract.js';

/**
 * The request carries the contract's own header, which no other site can send without a preflight
 * that is never answered.
 */
export const hasOwnHeader = ({ headers }: Request): boolean => headers.get(HEADER_NAME) === HEADER_VALUE;

/**
 * `Origin` names another origin than the application's. Absent and `null` (hidden by a
 * `Referrer-Policy`) name none.
 */
export function namesOtherOrigin({ headers }: Request, appOrigin: string): boolean {
  const origin = headers.get('origin');
  return origin !== null && origin !== 'null' && origin !== appOrigin;
}

/**
 * Tells if a request comes from the application's own pages. Nothing that the request says of its
 * origin may contradict that: `Sec-Fetch-Site` has to be `same-origin` if it is there, and `Origin`
 * has to be `appOrigin` if it names one. At least one of them must speak for the request; a hidden
 * `Origin` (`null`) is made up for by the contract's own header if `needHeader` asks for that.
 *
 * `appOrigin` is configuration and never derived from `Host`, which the sender of the request may
 * choose. Source: W3C Fetch Metadata Request Headers; RFC 6454 section 7.
 */
export function checkOrigin(request: Request, options: { appOrigin: string; needHeader: boolean }): boolean {
  const { appOrigin, needHeader } = options;
  if (needHeader && !hasOwnHeader(request)) return false;
  if (namesOtherOrigin(request, appOrigin)) return false;
  const site = request.headers.get('sec-fetch-site');
  if (site !== null) return site === 'same-origin';
  const origin = request.headers.get('origin');
  return origin === appOrigin || (needHeader && origin === 'null');
}
