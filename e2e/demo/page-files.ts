import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.map': 'application/json',
};

export interface PageFile {
  content: string;
  type: string;
}

/**
 * Where the built pages are: beside the built demo, or in `build/` where the demo runs from its
 * source.
 */
function findFolder(): string {
  for (const place of ['./page/', '../../build/demo/page/']) {
    const folder = fileURLToPath(new URL(place, import.meta.url));
    if (existsSync(`${folder}app.js`)) return folder;
  }
  throw new Error('The pages of the demo are not built: run "npm run build" first.');
}

/** Reads all files of the pages once, by name: what is not there cannot be asked for. */
export function readPageFiles(): Map<string, PageFile> {
  const folder = findFolder();
  const files = new Map<string, PageFile>();
  for (const name of readdirSync(folder)) {
    const type = TYPES[extname(name)];
    if (type) files.set(name, { content: readFileSync(folder + name, 'utf8'), type });
  }
  return files;
}
