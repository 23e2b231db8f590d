import { readFileSync } from 'node:fs';
import type { Plugin } from 'esbuild';
import { buildId } from '../../../bench/build-id.mjs';
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

export interface SmallApp {
  around: Around;
  /** Headers of its pages, from now on. */
  headers: Record<string, string>;
  /** The instants at which a prerendered page said that it runs. */
  prerendered: readonly number[];
  /** From now on pages and worker are of these builds, made by esbuild with these plugins. */
  deploy(builds: Deployment, plugins?: Plugin[]): Promise<void>;
}

/** A page with Stillhere and nothing else, below `/small/`, on the site that has the sessions. Unlike the demo it tells of errors too. */
export async function createSmallApp(): Promise<SmallApp> {
  const files: Record<string, File> = {
    '/small/': { content: readFileSync(here('index.html'), 'utf8'), type: HTML },
    '/small/other': { content: readFileSync(here('other.html'), 'utf8'), type: HTML },
  };
  const headers: Record<string, string> = { 'Cache-Control': 'no-cache' };
  const prerendered: number[] = [];
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
    deploy,
    around: (site) => (request) => {
      const { pathname } = new URL(request.url);
      if (pathname === '/small/prerendered') {
        prerendered.push(Date.now());
        return new Response(null, { status: 204 });
      }
      const file = files[pathname];
      return file ? new Response(file.content, { headers: { ...headers, 'Content-Type': file.type } }) : site(request);
    },
  };
}
