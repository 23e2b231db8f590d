import type { Context } from 'hono';

/**
 * Returns the request of a POST with its body, even if a middleware of the application has read the
 * body before. Hono keeps a body that was read through it, but the raw request is used up.
 */
export async function unreadRequest({ req }: Context): Promise<Request> {
  const { raw } = req;
  if (!raw.bodyUsed) return raw;
  const body = await req.arrayBuffer().catch(() => null);
  return body ? new Request(raw.url, { method: raw.method, headers: raw.headers, signal: raw.signal, body }) : raw;
}
