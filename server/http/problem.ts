import type { ProblemBody } from '../contract.js';

/**
 * Headers of every answer of ours: what a session is told must not be stored, nor served to anybody
 * else.
 */
export const PRIVATE_HEADERS = {
  'Cache-Control': 'private, no-store',
  Vary: 'Cookie, Origin, Sec-Fetch-Site',
} as const;

/**
 * An error answer as problem details (RFC 9457) with our `reason` as a member. `title` is for
 * people and must be the same for every problem of one `reason`; nothing of the request or of a
 * caught error belongs into it.
 */
export function problem(
  status: number,
  reason: string,
  title: string,
  more: { headers?: Record<string, string>; members?: Record<string, unknown> } = {},
): Response {
  const body: ProblemBody = { ...more.members, type: `urn:stillhere:problem:${reason}`, title, status, reason };
  const headers = new Headers({ ...PRIVATE_HEADERS, 'Content-Type': 'application/problem+json' });
  for (const [name, value] of Object.entries(more.headers ?? {})) headers.append(name, value);
  return new Response(JSON.stringify(body), { status, headers });
}
