import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKeepaliveApp, handleHeartbeat, requireSession } from './index.js';

const folder = mkdtempSync(join(tmpdir(), 'stillhere-peers-'));
beforeAll(() =>
  build({
    entryPoints: Object.entries({ server: './index.ts', serve: './serve/main.ts' }).map(([out, file]) => ({
      out,
      in: fileURLToPath(new URL(file, import.meta.url)),
    })),
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    ...{ bundle: true, splitting: true, platform: 'node', target: 'node20', format: 'esm', packages: 'external' },
  }),
);
afterAll(() => rmSync(folder, { recursive: true }));

/** What Node prints on stderr where none of the packages is. */
async function errorsOf(args: string[]): Promise<string> {
  const child = spawn(process.execPath, args, { cwd: folder });
  let text = '';
  for await (const chunk of child.stderr) text += String(chunk);
  return text;
}

describe('stillhere/server', () => {
  it('exports three functions', () => {
    for (const exported of [createKeepaliveApp, handleHeartbeat, requireSession])
      expect(exported).toBeTypeOf('function');
  });

  it('says what to install where its packages are missing', async () => {
    const url = pathToFileURL(join(folder, 'server.mjs')).href;
    expect(await errorsOf(['--input-type=module', '-e', `await import(${JSON.stringify(url)})`])).toContain(
      'stillhere/server needs packages that are not installed: npm i hono jose oauth4webapi libsql',
    );
  });
});

it('the ready-made server says what to install where its packages are missing, and prints no stack', async () => {
  expect(await errorsOf([join(folder, 'serve.mjs')])).toBe(
    'the server needs packages that are not installed: npm i hono jose oauth4webapi libsql @hono/node-server pino valibot\n',
  );
});
