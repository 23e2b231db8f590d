import { readFileSync } from 'node:fs';
import { buildId } from '../../../tools/build-id.mjs';
import type { Around } from '../../demo/demo.js';
import { bundle, HTML, SCRIPT } from '../bundle.js';

const here = (name: string): URL => new URL(name, import.meta.url);

/**
 * A page with Stillhere that counts what it is told and keeps none of it, below `/soak/`, on the
 * site that has the sessions.
 */
export async function soakSite(): Promise<Around> {
  const page = readFileSync(here('index.html'), 'utf8');
  const script = await bundle(here('page.ts'), { format: 'esm', id: buildId() });
  return (site) => (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === '/soak/') return new Response(page, { headers: { 'Content-Type': HTML } });
    if (pathname === '/soak/page.js') return new Response(script, { headers: { 'Content-Type': SCRIPT } });
    return site(request);
  };
}
