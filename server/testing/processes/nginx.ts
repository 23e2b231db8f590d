import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { makeCertificate } from '../certificate.js';
import { freePort } from '../free-port.js';

const ATTEMPTS = 5;
const START_MS = 20_000;

/**
 * The block of nginx in docs/operations.md: the one that is recommended is the one that is tested.
 */
function documentedBlock(): string {
  const docs = readFileSync(fileURLToPath(new URL('../../../docs/operations.md', import.meta.url)), 'utf8');
  const [, block] = /```nginx\n([\s\S]*?)```/.exec(docs) ?? [];
  if (!block) throw new Error('docs/operations.md has no block of nginx');
  return block;
}

/** Puts a test's own value where the documentation has an example of one. */
function replaceExample(block: string, example: string | RegExp, value: string): string {
  const replaced = block.replace(example, () => value);
  if (replaced === block) throw new Error(`the block of nginx in docs/operations.md has no ${example}`);
  return replaced;
}

function configuration(folder: string, port: number, servers: readonly number[]): string {
  const own: [string | RegExp, string][] = [
    ['server 127.0.0.1:3001', `server 127.0.0.1:${servers[0]}`],
    ['server 127.0.0.1:3002', `server 127.0.0.1:${servers[1]}`],
    [/(?<=\n *)listen 443 ssl/, `listen 127.0.0.1:${port} ssl`],
    ['server_name app.example', 'server_name localhost'],
    ['/etc/ssl/certs/app.example.pem', join(folder, 'cert.pem')],
    ['/etc/ssl/private/app.example.key', join(folder, 'key.pem')],
    ['root /srv/app', `root ${join(folder, 'pages')}`],
  ];
  const block = own.reduce((text, [example, value]) => replaceExample(text, example, value), documentedBlock());
  // As root its workers would be of another user, who may not write into the folder.
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${join(folder, name)};`,
  );
  return `${user}
daemon off;
worker_processes 2;
pid ${join(folder, 'nginx.pid')};
error_log stderr error;
events { worker_connections 2048; }
http {
access_log off;
default_type text/html;
${places.join('\n')}
${block}
}
`;
}

/**
 * Resolves when the port takes connections, or to `false` when the process has ended. One that does
 * neither is ended.
 */
async function isUp(child: ChildProcess, port: number): Promise<boolean> {
  const tooLate = setTimeout(() => child.kill('SIGKILL'), START_MS);
  while (child.exitCode === null && child.signalCode === null) {
    const socket = connect(port, '127.0.0.1');
    const isConnected = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isConnected) {
      clearTimeout(tooLate);
      return true;
    }
    await sleep(50);
  }
  clearTimeout(tooLate);
  return false;
}

/**
 * nginx with TLS before two servers, in a folder of its own, as docs/operations.md has it. `/` is a
 * page.
 */
export async function startNginx(servers: readonly [number, number]) {
  const folder = mkdtempSync(join(tmpdir(), 'stillhere-nginx-'));
  const { key, cert } = await makeCertificate();
  writeFileSync(join(folder, 'key.pem'), key, { mode: 0o600 });
  writeFileSync(join(folder, 'cert.pem'), cert);
  mkdirSync(join(folder, 'pages'));
  writeFileSync(join(folder, 'pages/index.html'), '<!doctype html><title>The application</title>');
  const config = join(folder, 'nginx.conf');

  async function launch(port: number): Promise<{ child: ChildProcess; errors: Promise<string> } | null> {
    writeFileSync(config, configuration(folder, port, servers));
    const child = spawn('nginx', ['-p', folder, '-c', config, '-e', 'stderr'], {
      // Debian puts it where only root looks.
      env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const absent = once(child, 'error').then(() => {
      throw new Error('These tests need nginx: apt-get install nginx-light, or have nginx on the PATH');
    });
    const errors = text(child.stderr);
    if (await Promise.race([isUp(child, port), absent])) return { child, errors };
    const said = await errors;
    // Another process has taken the port meanwhile.
    if (said.includes('Address already in use')) return null;
    throw new Error(`nginx did not start: ${said}`);
  }

  let port = 0;
  let running: Awaited<ReturnType<typeof launch>> = null;
  for (let attempt = 0; !running && attempt < ATTEMPTS; attempt += 1) {
    port = await freePort();
    running = await launch(port);
  }
  if (!running) throw new Error('nginx found no free port');
  const { child, errors } = running;
  return {
    origin: `https://localhost:${port}`,
    ca: cert,
    /** Ends it; resolves to what it wrote to its error log. */
    async close(): Promise<string> {
      const gone = child.exitCode === null ? once(child, 'exit') : null;
      child.kill('SIGTERM');
      await gone;
      rmSync(folder, { recursive: true, force: true });
      return errors;
    },
  };
}

export type TestNginx = Awaited<ReturnType<typeof startNginx>>;
