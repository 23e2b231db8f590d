const ESCAPES: Record<string, string> = { '&': '&amp;', '"': '&quot;', '<': '&lt;', '>': '&gt;' };

/**
 * Makes the tag that tells Stillhere's page script for which user a page was rendered. Put it into
 * the `<head>`, before that script. A browser can show an old page after another user has signed in
 * (Back, a reopened tab). Then the script conceals the page and calls `onUserChanged` or
 * `onSignedOut`.
 *
 * @param user the public id that the server's answers name in `user` (`c.var.session.user` behind
 * `requireSession()`), or `null` for a page without private data.
 * @returns `<meta name="stillhere-user" content="...">`, escaped.
 * @throws {TypeError} if `user` is neither text nor `null`.
 * @example
 * import { userMeta } from 'stillhere/heartbeat';
 *
 * export const pageFor = (user: string) => `<!doctype html>${userMeta(user)}<title>Orders</title>`;
 */
export function userMeta(user: string | null): string {
  if (user !== null && (typeof user !== 'string' || !user)) {
    throw new TypeError("stillhere: userMeta takes the user's public id, or null for a page without private data");
  }
  return `<meta name="stillhere-user" content="${(user ?? '').replace(/[&"<>]/g, (sign) => ESCAPES[sign] ?? '')}">`;
}
