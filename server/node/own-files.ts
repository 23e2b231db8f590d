import { readFile } from 'node:fs/promises';
import type { Context } from 'hono';

/**
 * The places in which a build puts the browser files: in a bundle's folder, in the folder above a
 * chunk's, in the source's folder, or in the package's.
 */
function candidatesFor(name: string): URL[] {
  // `url` is a variable of its own, because webpack reads `new URL(..., import.meta.url)` as an
  // asset, and warns if it cannot read the name.
  const { url } = import.meta;
  const places = ['./', '../', '../../dist/'].map((folder) => new URL(folder + name, url));
  try {
    // An application's bundler may have put this code anywhere. `resolve` is a variable of its own,
    // because webpack warns of a call on `import.meta` itself.
    const { resolve } = import.meta;
    places.push(new URL(name, resolve('stillhere/stillhere-sw.js')));
  } catch {
    // Not every loader can resolve, and a bundler may have removed the package.
  }
  return places;
}

async function readFirst(candidates: readonly (URL | string)[]): Promise<string | null> {
  for (const candidate of candidates) {
    try {
      return await readFile(candidate, 'utf8');
    } catch {
      // The next place may have it.
    }
  }
  return null;
}

/**
 * Serves one of Stillhere's browser files. `path` overrides its place. It is sent with `no-cache`,
 * so that browsers always get the worker's script of the deployed build.
 */
export function ownFile(
  name: string,
  options: { path?: string | undefined; serviceWorkerAllowed?: string | undefined } = {},
) {
  const candidates = options.path ? [options.path] : candidatesFor(name);
  let text: string | null = null;
  return async function serveOwnFile(context: Context): Promise<Response> {
    text ??= await readFirst(candidates);
    if (text === null)
      return context.text(`${name} is missing: run "npm run build" first.\n`, 404, { 'Cache-Control': 'no-store' });
    const headers: Record<string, string> = {
      'Content-Type': 'text/javascript; charset=utf-8',
      'Cache-Control': 'no-cache',
      'X-Content-Type-Options': 'nosniff',
    };
    if (options.serviceWorkerAllowed) headers['Service-Worker-Allowed'] = options.serviceWorkerAllowed;
    return context.body(text, 200, headers);
  };
}
