import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Around } from '../../demo/demo.js';
import { bundle, bundleFiles, HTML, SCRIPT, SOURCES } from '../bundle.js';

const here = (name: string): URL => new URL(name, import.meta.url);

export interface WorkboxApp {
  around: Around;
  /**
   * From now on the server has this version of the application, made with this build of Stillhere.
   */
  deploy(version: string, build: string): Promise<void>;
  /** How often a worker's script was fetched, by its path. */
  fetched: Map<string, number>;
}

/**
 * An application that works offline by a Workbox worker at the root scope, on the site that has the
 * sessions. Stillhere's engine runs beside that worker, in the ready-made one, or inside it.
 */
export async function createWorkboxApp({ isInside }: { isInside: boolean }): Promise<WorkboxApp> {
  let files: Record<string, { content: string; type: string }> = {};
  const fetched = new Map<string, number>();

  async function deploy(version: string, id: string): Promise<void> {
    const define = { APP: JSON.stringify({ version, isInside }) };
    const assets = await bundleFiles(here('page.ts'), { format: 'esm', id, define, splitting: true });
    const entry = [...assets.keys()].find((name) => name.startsWith('page-'));
    const index = readFileSync(here('index.html'), 'utf8').replace('page.js', entry ?? '');
    // What Workbox's build tools put in place of `self.__WB_MANIFEST`.
    const manifest = [
      { url: '/index.html', revision: createHash('sha256').update(index).digest('hex') },
      ...[...assets.keys()].map((name) => ({ url: `/assets/${name}`, revision: null })),
    ];
    const worker = await bundle(here(isInside ? 'worker-with-keepalive.js' : 'worker.js'), {
      format: 'iife',
      id,
      alias: SOURCES,
      define: { 'self.__WB_MANIFEST': JSON.stringify(manifest) },
    });
    files = {
      '/': { content: index, type: HTML },
      '/index.html': { content: index, type: HTML },
      '/sw.js': { content: worker, type: SCRIPT },
      '/auth/stillhere-sw.js': {
        content: await bundle(here('../../../sw/stillhere-sw.ts'), { format: 'iife', id }),
        type: SCRIPT,
      },
      '/api/notes': { content: `of version ${version}`, type: 'text/plain; charset=utf-8' },
    };
    for (const [name, content] of assets) files[`/assets/${name}`] = { content, type: SCRIPT };
  }

  await deploy('1', 'a');
  return {
    deploy,
    fetched,
    around: (site) => (request) => {
      const { pathname } = new URL(request.url);
      if (pathname.endsWith('sw.js')) fetched.set(pathname, (fetched.get(pathname) ?? 0) + 1);
      const file = files[pathname];
      return file
        ? new Response(file.content, { headers: { 'Content-Type': file.type, 'Cache-Control': 'no-cache' } })
        : site(request);
    },
  };
}
