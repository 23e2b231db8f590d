import type { MiddlewareHandler } from 'hono';

/**
 * Serves the worker's file with a comment that can change: a new version takes the place of a
 * running worker at once.
 */
export function workerVersions(): { replace(): void; middleware: MiddlewareHandler } {
  let version = 0;
  return {
    replace() {
      version += 1;
    },
    middleware: async function addVersion(c, next) {
      await next();
      if (version === 0 || c.res.status !== 200 || c.req.method !== 'GET') return;
      const script = await c.res.text();
      const headers = new Headers(c.res.headers);
      headers.delete('ETag');
      headers.delete('Content-Length');
      headers.delete('Content-Encoding');
      c.res = undefined;
      c.res = new Response(`${script}\n// version ${version} of the demo\n`, { headers });
    },
  };
}
