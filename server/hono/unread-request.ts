import type { Context } from 'hono';

/**
 * The request of a POST with its body, also where a middleware of the application has read that
 * before: Hono keeps what was read through it, and only the raw request has nothing left.
 */
export async function unreadRequest({ req }: Context): Promise<Request> {
  const { raw } = req;
  if (!raw.bodyUsed) return raw;
  const body = await req.arrayBuffer().catch(() => null);
  return body ? new Request(raw.url, { method: raw.method, headers: raw.headers, signal: raw.signal, body }) : raw;
}
