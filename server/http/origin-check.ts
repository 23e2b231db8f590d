import { HEADER_NAME, HEADER_VALUE } from '../contract.js';

/**
 * Tells if the request has the contract's own header. Another site cannot send it without a
 * preflight, which is never answered.
 */
export const hasOwnHeader = ({ headers }: Request): boolean => headers.get(HEADER_NAME) === HEADER_VALUE;

/**
 * Tells if `Origin` names another origin than the application's. An absent one and `null` (hidden
 * by a `Referrer-Policy`) name none.
 */
export function namesOtherOrigin({ headers }: Request, appOrigin: string): boolean {
  const origin = headers.get('origin');
  return origin !== null && origin !== 'null' && origin !== appOrigin;
}

/**
 * Tells if a request comes from the application's own pages. If `Sec-Fetch-Site` is there, it must
 * be `same-origin`. If `Origin` names an origin, it must be `appOrigin`. At least one of them must
 * be there. If `needHeader` is set, the contract's own header may stand in for a hidden `Origin`
 * (`null`).
 *
 * `appOrigin` is configuration. It is never derived from `Host`, which the sender of the request
 * may choose.
 *
 * @see W3C Fetch Metadata Request Headers; RFC 6454 section 7
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
