import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

export const SCRIPT = 'text/javascript; charset=utf-8';
export const HTML = 'text/html; charset=utf-8';

const source = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/**
 * The package from its sources, so that a bundle has the build id that it is given. Without it a
 * bundle takes what is built.
 */
export const SOURCES = { 'stillhere/sw': source('sw/index.ts'), stillhere: source('client/index.ts') };

export interface Bundling {
  format: 'iife' | 'esm';
  /** The build id that page and worker compare when they meet. */
  id: string;
  define?: Record<string, string>;
  plugins?: Plugin[];
  alias?: Record<string, string>;
  /** Chunks of their own for what is loaded when it is needed, with hashes in all names. */
  splitting?: boolean;
}

/** Bundles as an application would: the contents by their file names, the entry first. */
export async function bundleFiles(
  entry: URL,
  { format, id, define, plugins = [], alias = {}, splitting = false }: Bundling,
): Promise<Map<string, string>> {
  const name = JSON.stringify(id);
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(entry)],
    bundle: true,
    write: false,
    format,
    splitting,
    plugins,
    outdir: '/',
    ...(splitting && { entryNames: '[name]-[hash]' }),
    target: 'es2022',
    // The package says of its own files that importing them does nothing: not so those of an
    // application in a test.
    ignoreAnnotations: true,
    logLevel: 'warning',
    alias,
    define: { STILLHERE_BUILD: name, __BUILD__: name, 'process.env.NODE_ENV': '"production"', ...define },
  });
  return new Map(outputFiles.map(({ path, text }) => [basename(path), text]));
}

/** The same where one file comes of it. */
export async function bundle(entry: URL, how: Bundling): Promise<string> {
  const [content = ''] = (await bundleFiles(entry, how)).values();
  return content;
}
