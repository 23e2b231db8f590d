import { build } from 'esbuild';

export const SCRIPT = 'text/javascript; charset=utf-8';
export const HTML = 'text/html; charset=utf-8';

/** Bundles a script as an application would. Page and worker compare the build ids that they were given. */
export async function bundle(path: string, format: 'iife' | 'esm', buildId: string): Promise<string> {
  const define = JSON.stringify(buildId);
  const { outputFiles } = await build({
    entryPoints: [path],
    bundle: true,
    write: false,
    format,
    target: 'es2022',
    logLevel: 'warning',
    define: { STILLHERE_BUILD: define, __BUILD__: define, 'process.env.NODE_ENV': '"production"' },
  });
  return outputFiles[0]?.text ?? '';
}
