import type { Context } from 'hono';
import { html, raw } from 'hono/html';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

/**
 * Headers of pages of ours: nothing may be loaded but a script of our own where one is needed, and
 * no address leaves in a Referer.
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
 * A plain page that says one thing and links to the login. Its text is ours: nothing that the
 * provider or the address said is printed.
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
