import { readFileSync } from 'node:fs';
import type { Around } from '../../demo/demo.js';

const PATH = '/page-log.js';
const SCRIPT = readFileSync(new URL('./page-log.js', import.meta.url), 'utf8');

/** Puts the script that keeps the page's log into every page of the site, before all others. */
export const servePageLog: Around = (site) => async (request) => {
  if (new URL(request.url).pathname === PATH) {
    return new Response(SCRIPT, { headers: { 'Content-Type': 'text/javascript; charset=utf-8' } });
  }
  const response = await site(request);
  if (!response.headers.get('Content-Type')?.startsWith('text/html')) return response;
  const html = (await response.text()).replace('<script', `<script src="${PATH}"></script>\n    <script`);
  return new Response(html, response);
};
