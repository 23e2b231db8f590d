import type { Context } from 'hono';
import { html, raw } from 'hono/html';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

/**
 * The headers of Stillhere's own pages. Such a page may load nothing but Stillhere's own script, if
 * it needs one, and it sends no `Referer`.
 */
export function pageHeaders(scripts: boolean): Record<string, string> {
  const allowed = scripts ? "; script-src 'self'" : '';
  return {
    'Content-Security-Policy': `default-src 'none'${allowed}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'private, no-store',
  };
}

/**
 * Makes a plain page with one message and a link to the login. It prints nothing that the provider
 * or the address says.
 */
export function messagePage(
  context: Context,
  status: ContentfulStatusCode,
  text: string,
  link: { href: string; label: string } | null,
  headers: Record<string, string> = {},
): Response | Promise<Response> {
  const body = html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${text}</title>
<p>${text}</p>
${link ? html`<p><a href="${link.href}">${link.label}</a></p>` : raw('')}
</html>
`;
  return context.html(body, status, { ...pageHeaders(false), ...headers });
}
