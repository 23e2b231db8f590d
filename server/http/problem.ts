import type { ProblemBody } from '../contract.js';

/**
 * The headers of every answer of Stillhere. No cache may store it, or give it to another user.
 */
export const PRIVATE_HEADERS = {
  'Cache-Control': 'private, no-store',
  Vary: 'Cookie, Origin, Sec-Fetch-Site',
} as const;

/**
 * Makes an error answer as problem details (RFC 9457), with `reason` as an additional member.
 * `title` is for people, and is the same for every problem of one `reason`. It must hold nothing of
 * the request or of a caught error.
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
