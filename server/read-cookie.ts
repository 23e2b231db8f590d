/**
 * The value of a cookie in a `Cookie` header (RFC 6265 section 4.2), the first of that name, without any decoding; `null` if there is none or
 * it is empty.
 */
export function readCookie(header: string | null, name: string): string | null {
  for (const pair of header?.split(';') ?? []) {
    const at = pair.indexOf('=');
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim() || null;
  }
  return null;
}
