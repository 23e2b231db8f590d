import { HEADER_NAME, HEADER_VALUE } from './contract.js';

/**
 * Whether a request comes from the application's own pages: `Sec-Fetch-Site: same-origin` where the browser sends it (no page can forge it),
 * else `Origin` equal to `appOrigin`; a request with neither is refused. With `needHeader` the contract's own header must be there too, which
 * no cross-site page can send without a preflight.
 *
 * `appOrigin` is configuration and never derived from `Host`, which whoever sends the request may choose.
 * Source: W3C Fetch Metadata Request Headers; RFC 6454 section 7.
 */
export function checkOrigin(request: Request, options: { appOrigin: string; needHeader: boolean }): boolean {
  const { headers } = request;
  if (options.needHeader && headers.get(HEADER_NAME) !== HEADER_VALUE) return false;
  const site = headers.get('sec-fetch-site');
  if (site !== null) return site === 'same-origin';
  return headers.get('origin') === options.appOrigin;
}
