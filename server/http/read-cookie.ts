/**
 * Removes the white space that a `Cookie` header may have: SP and HTAB (RFC 6265 section 4.2.1).
 * `trim()` would remove more. Then a name that begins with a no-break space, which any sibling
 * domain can set, would look like one with the prefix `__Host-`.
 */
const trimmed = (text: string): string => text.replace(/^[ \t]+|[ \t]+$/g, '');

/**
 * Returns the value of a cookie in a `Cookie` header (RFC 6265 section 4.2) without decoding it.
 * `null` if there is none, if it is empty, or if there are two of that name, because nothing tells
 * which of them the server has set.
 */
export function readCookie(header: string | null, name: string): string | null {
  let found: string | null = null;
  for (const pair of header?.split(';') ?? []) {
    const at = pair.indexOf('=');
    if (at < 1 || trimmed(pair.slice(0, at)) !== name) continue;
    if (found !== null) return null;
    found = trimmed(pair.slice(at + 1));
  }
  return found || null;
}
