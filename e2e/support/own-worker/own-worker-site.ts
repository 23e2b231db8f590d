import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Around } from '../../demo/demo.js';

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** Bundles as an application would: its worker with `stillhere/sw`, its page with the client. */
async function bundle(name: string, format: 'iife' | 'esm'): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [here(name)],
    bundle: true,
    write: false,
    format,
    target: 'es2022',
    logLevel: 'warning',
    define: { STILLHERE_BUILD: '"own-worker"', __BUILD__: '"own-worker"', 'process.env.NODE_ENV': '"production"' },
  });
  return outputFiles[0]?.text ?? '';
}

/** Serves an application with a worker of its own below `/own/`, on the site that has the sessions. */
export async function ownWorkerSite(): Promise<Around> {
  const script = 'text/javascript; charset=utf-8';
  const files: Record<string, { content: string; type: string }> = {
    '/own/': { content: readFileSync(here('index.html'), 'utf8'), type: 'text/html; charset=utf-8' },
    '/own/page.js': { content: await bundle('page.ts', 'esm'), type: script },
    '/own/app-worker.js': { content: await bundle('app-worker.js', 'iife'), type: script },
  };
  return (site) => (request) => {
    const file = files[new URL(request.url).pathname];
    return file ? new Response(file.content, { headers: { 'Content-Type': file.type } }) : site(request);
  };
}
