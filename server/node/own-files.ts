import { readFile } from 'node:fs/promises';
import type { Context } from 'hono';

/**
 * Where the build puts browser files: beside a bundle, above one of its chunks, beside the source,
 * or wherever the package is.
 */
function candidatesFor(name: string): URL[] {
  // Taken apart: webpack reads `new URL(..., import.meta.url)` as an asset, and warns if it cannot
  // read the name.
  const { url } = import.meta;
  const places = ['./', '../', '../../dist/'].map((folder) => new URL(folder + name, url));
  try {
    // An application's bundler may have put this code anywhere. Taken apart, like `url`: webpack
    // warns of a call on `import.meta` itself.
    const { resolve } = import.meta;
    places.push(new URL(name, resolve('stillhere/stillhere-sw.js')));
  } catch {
    // Not every loader can resolve, and the package may be bundled away.
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
 * Serves one browser file of ours. `path` overrides where it is read from. `no-cache`: browsers ask
 * anew for a worker script, and must get the build that is deployed.
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
