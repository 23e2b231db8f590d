import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterAll, describe, expect, it } from 'vitest';
import { createKeepaliveApp, handleHeartbeat, requireSession } from './index.js';

const folder = mkdtempSync(join(tmpdir(), 'stillhere-peers-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('stillhere/server', () => {
  it('exports three functions', () => {
    for (const exported of [createKeepaliveApp, handleHeartbeat, requireSession])
      expect(exported).toBeTypeOf('function');
  });

  it('says what to install where its packages are missing', async () => {
    await build({
      entryPoints: { server: fileURLToPath(new URL('./index.ts', import.meta.url)) },
      outdir: folder,
      outExtension: { '.js': '.mjs' },
      ...{ bundle: true, splitting: true, platform: 'node', target: 'node20', format: 'esm', packages: 'external' },
    });
    const url = pathToFileURL(join(folder, 'server.mjs')).href;
    const child = spawn(process.execPath, ['--input-type=module', '-e', `await import(${JSON.stringify(url)})`], {
      cwd: folder,
    });
    let text = '';
    for await (const chunk of child.stderr) text += String(chunk);
    expect(text).toContain(
      'stillhere/server needs packages that are not installed: npm i hono jose oauth4webapi libsql rate-limiter-flexible',
    );
  });
});
