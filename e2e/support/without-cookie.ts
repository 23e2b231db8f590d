import { PUBLIC_COOKIE } from '../../server/contract.js';
import type { Around } from '../demo/demo.js';

/**
 * A site that has the routes of `/auth/` below `path` instead, and that never sets the readable
 * cookie.
 */
export const withoutCookie =
  (path: string): Around =>
  (site) =>
  async (request) => {
    const url = new URL(request.url);
    if (url.pathname.startsWith('/auth/')) return new Response(null, { status: 404 });
    if (url.pathname.startsWith(path)) url.pathname = url.pathname.replace(path, '/auth/');
    const { method, headers } = request;
    const body = method === 'POST' ? await request.text() : null;
    const response = await site(new Request(url, { method, headers, body }));
    const cookies = response.headers.getSetCookie().filter((cookie) => !cookie.startsWith(PUBLIC_COOKIE));
    const left = new Headers(response.headers);
    left.delete('Set-Cookie');
    for (const cookie of cookies) left.append('Set-Cookie', cookie);
    return new Response(response.body, { status: response.status, headers: left });
  };
