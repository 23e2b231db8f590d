import { readFileSync } from 'node:fs';
import type { Plugin } from 'esbuild';
import { buildId } from '../../../tools/build-id.mjs';
import type { Around } from '../../demo/demo.js';
import { bundle, HTML, SCRIPT } from '../bundle.js';

const here = (name: string): URL => new URL(name, import.meta.url);

interface File {
  content: string;
  type: string;
}

/** Build ids. What is left out stays as it is. */
export interface Deployment {
  page?: string;
  worker?: string;
}

export interface Returned {
  status: string | null;
  /** Whether private data was to be seen. */
  shown: boolean;
}

export interface SmallApp {
  around: Around;
  /** Headers of its pages, from now on. */
  headers: Record<string, string>;
  /** The instants at which a prerendered page said that it runs. */
  prerendered: readonly number[];
  /**
   * What a page said when it came back from the back/forward cache, and at each other status from
   * then on.
   */
  returned: readonly Returned[];
  /** From now on pages and worker are of these builds, made by esbuild with these plugins. */
  deploy(builds: Deployment, plugins?: Plugin[]): Promise<void>;
}

/**
 * A page with Stillhere and nothing else, below `/small/`, on the site that has the sessions.
 * Unlike the demo it tells of errors too.
 */
export async function createSmallApp(): Promise<SmallApp> {
  const files: Record<string, File> = {
    '/small/': { content: readFileSync(here('index.html'), 'utf8'), type: HTML },
    '/small/other': { content: readFileSync(here('other.html'), 'utf8'), type: HTML },
  };
  const headers: Record<string, string> = { 'Cache-Control': 'no-cache' };
  const prerendered: number[] = [];
  const returned: Returned[] = [];
  async function deploy({ page, worker }: Deployment, plugins: Plugin[] = []): Promise<void> {
    if (page) {
      const content = await bundle(here('page.ts'), { format: 'esm', id: page, plugins });
      files['/small/page.js'] = { content, type: SCRIPT };
    }
    if (worker) {
      const content = await bundle(here('../../../sw/stillhere-sw.ts'), { format: 'iife', id: worker, plugins });
      files['/auth/stillhere-sw.js'] = { content, type: SCRIPT };
    }
  }
  // The worker is the server's own until another one is deployed.
  await deploy({ page: buildId() });
  return {
    headers,
    prerendered,
    returned,
    deploy,
    around: (site) => (request) => {
      const { pathname, searchParams } = new URL(request.url);
      if (pathname === '/small/prerendered') {
        prerendered.push(Date.now());
        return new Response(null, { status: 204 });
      }
      if (pathname === '/small/returned') {
        returned.push({ status: searchParams.get('status'), shown: searchParams.get('shown') === 'true' });
        return new Response(null, { status: 204 });
      }
      const file = files[pathname];
      return file ? new Response(file.content, { headers: { ...headers, 'Content-Type': file.type } }) : site(request);
    },
  };
}
