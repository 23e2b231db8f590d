import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, describe, expect, it } from 'vitest';
import { readConfig } from './config.js';
import { ConfigError } from './config-error.js';

const folder = mkdtempSync(join(tmpdir(), 'stillhere-key-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The key of a server on http loopback that is told none. */
function keyIn(dataDir: string): string | undefined {
  const env = { APP_ORIGIN: 'http://localhost:3000', OIDC_ISSUER: 'https://id.example', OIDC_CLIENT_ID: 'app' };
  return readConfig({ ...env, DATA_DIR: dataDir }).keys[0];
}

function messageOf(dataDir: string): string {
  try {
    keyIn(dataDir);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('the configuration was accepted');
}

describe("a key for a developer's machine", () => {
  it('is made once, for its owner only, and kept', () => {
    const dataDir = join(folder, 'made');
    const made = keyIn(dataDir);
    expect(keyIn(dataDir)).toBe(made);
    const path = join(dataDir, 'session-key');
    expect(readFileSync(path, 'utf8')).toBe(made);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(dataDir)).toEqual(['session-key']);
  });

  it('is refused with the reason if its folder is a file, or if it is no key', () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    expect(messageOf(file)).toMatch(/^DATA_DIR takes .+\.$/);
    const dataDir = join(folder, 'no-key');
    mkdirSync(join(dataDir, 'session-key'), { recursive: true });
    expect(messageOf(dataDir)).toMatch(/^SESSION_KEYS is not set, and the key kept in .+\.$/);
  });

  it('is one for servers that start at once', async () => {
    const code = `
      const { developmentKey } = await import(process.argv[1]);
      process.stdin.once('data', () => {
        for (let n = 0; n < 40; n += 1) {
          const dataDir = process.argv[2] + n;
          console.log(developmentKey({ appOrigin: 'http://localhost:3000', dataDir, production: false }));
        }
        process.exit();
      });
      console.log('ready');`;
    const script = join(folder, 'development-key.mjs');
    const source = fileURLToPath(new URL('./development-key.ts', import.meta.url));
    await build({ entryPoints: [source], outfile: script, bundle: true, platform: 'node', format: 'esm' });
    const args = ['--input-type=module', '-e', code, script, join(folder, 'at-once-')];
    const servers = Array.from({ length: 3 }, () =>
      spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] }),
    );
    const printed = servers.map(({ stdout }) => text(stdout));
    await Promise.all(servers.map(({ stdout }) => once(stdout, 'data')));
    for (const { stdin } of servers) stdin.write('now');
    const [first, ...others] = await Promise.all(printed);
    expect(first?.split('\n')).toHaveLength(42);
    expect(others).toEqual([first, first]);
  });
});
