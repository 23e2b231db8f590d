import type { Around } from '../demo/demo.js';

/**
 * A site whose logout has the browser clear what the site has stored
 * (https://www.w3.org/TR/clear-site-data/).
 */
export const clearAtLogout: Around = (site) => async (request) => {
  const response = await site(request);
  if (new URL(request.url).pathname !== '/auth/logout') return response;
  const headers = new Headers(response.headers);
  headers.set('Clear-Site-Data', '"storage"');
  return new Response(response.body, { status: response.status, headers });
};
