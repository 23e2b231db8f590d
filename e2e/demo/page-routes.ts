import { Hono } from 'hono';
import { getCookie } from 'hono/cookie';
import { readPageFiles } from './page-files.js';
import type { DemoSettings } from './settings.js';

const LAST_PLAIN_PAGE = 10;

const escapeAttribute = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');

/** Two sessions with one sign-in: the provider knows the visitor already when the second asks. */
export const LOGIN_URL = `/alone/login?returnTo=${encodeURIComponent('/auth/login?returnTo=/app')}`;

/** The pages and their scripts and styles. */
export function pageRoutes(settings: DemoSettings): Hono {
  const files = readPageFiles();
  const config = JSON.stringify({
    idleMs: settings.idleTimeoutSeconds * 1000,
    accessTokenMs: settings.accessTokenTtlSeconds * 1000,
    intervalMs: settings.beatIntervalSeconds * 1000,
    activeWindowMs: settings.activeWindowSeconds * 1000,
    warnBeforeMs: settings.warnBeforeSeconds * 1000,
    embeddedProvider: settings.issuer === null,
  });

  function page(name: string, values: Record<string, string> = {}): string {
    const all: Record<string, string> = { config, login: LOGIN_URL, ...values };
    const html = files.get(name)?.content ?? '';
    return html.replace(/\{\{(\w+)\}\}/g, (_, key: string) => escapeAttribute(all[key] ?? ''));
  }

  const app = new Hono();
  // A page is as old as the session it shows; a stored copy would show the one before.
  app.use(async function forbidStoring(c, next) {
    await next();
    if (!c.res.headers.has('Cache-Control')) c.res.headers.set('Cache-Control', 'no-cache');
  });
  app.get('/', (c) => c.html(page('index.html')));
  app.get('/app', (c) => (getCookie(c, 'stillhere-session') ? c.html(page('app.html')) : c.redirect('/')));
  app.get('/editor.html', (c) => c.html(page('editor.html')));
  app.get('/demo/finished', (c) => c.html(page('finished.html')));
  app.get('/page/:number{[0-9]+}', (c) => {
    const number = Number(c.req.param('number'));
    if (number < 1 || number > LAST_PLAIN_PAGE) return c.notFound();
    return c.html(page('plain.html', { number: String(number), next: String((number % LAST_PLAIN_PAGE) + 1) }));
  });
  app.get('/assets/:name', (c) => {
    const file = files.get(c.req.param('name'));
    if (!file || file.type.startsWith('text/html')) return c.notFound();
    return c.body(file.content, 200, { 'Content-Type': file.type });
  });
  return app;
}
