import { readFileSync } from 'node:fs';
import type { Around } from '../../demo/demo.js';
import { bundle, HTML, SCRIPT } from '../bundle.js';

const here = (name: string): URL => new URL(name, import.meta.url);
const ID = 'own-worker';

/**
 * Serves an application with a worker of its own below `/own/`, on the site that has the sessions.
 */
export async function ownWorkerSite(): Promise<Around> {
  const files: Record<string, { content: string; type: string }> = {
    '/own/': { content: readFileSync(here('index.html'), 'utf8'), type: HTML },
    '/own/page.js': { content: await bundle(here('page.ts'), { format: 'esm', id: ID }), type: SCRIPT },
    '/own/app-worker.js': { content: await bundle(here('app-worker.js'), { format: 'iife', id: ID }), type: SCRIPT },
  };
  return (site) => (request) => {
    const file = files[new URL(request.url).pathname];
    return file ? new Response(file.content, { headers: { 'Content-Type': file.type } }) : site(request);
  };
}
