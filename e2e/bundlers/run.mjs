import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { command } from '../../tools/command.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
/** What a page of the application sends, over http to this machine. */
const OURS = { 'X-Stillhere': '1', Origin: 'https://app.example', Cookie: 'sid=1' };

function expectEqual(what, got, wanted) {
  const [is, should] = [JSON.stringify(got), JSON.stringify(wanted)];
  if (is !== should) throw new Error(`${what} is ${is} instead of ${should}`);
}

/** An empty project with the packed package, what the README names, and the bundlers. */
async function project() {
  const folder = mkdtempSync(join(tmpdir(), 'stillhere-bundlers-'));
  cpSync(here, folder, { recursive: true, filter: (path) => !path.includes('node_modules') });
  await command('npm', ['ci', '--prefer-offline', '--no-audit', '--no-fund'], { cwd: folder });
  await command('npm', ['pack', '--ignore-scripts', '--pack-destination', folder]);
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  const place = join(folder, 'node_modules/stillhere');
  mkdirSync(place);
  await command('tar', ['-xzf', join(folder, tarball), '-C', place, '--strip-components=1']);
  return folder;
}

/** Runs a bundle in the project and reads the line of JSON that it prints. */
async function printed(folder, file, ...args) {
  return JSON.parse(await command(process.execPath, [file, ...args], { cwd: folder }));
}

async function bundledServer(folder, name, bundle) {
  await bundle('server.mjs', `out/${name}-server.mjs`);
  expectEqual('a beat', await printed(folder, `out/${name}-server.mjs`, join(folder, `data-${name}`)), [
    401,
    'no_session',
  ]);
  await bundle('own-sessions.mjs', `out/${name}-own.mjs`);
  expectEqual('an own beat', await printed(folder, `out/${name}-own.mjs`), [200, 'ada']);
}

const bin = (folder, name) => join(folder, 'node_modules/.bin', name);

const withEsbuild = (folder) =>
  bundledServer(folder, 'esbuild', (from, to) =>
    command(
      bin(folder, 'esbuild'),
      [from, '--bundle', '--platform=node', '--format=esm', `--outfile=${to}`, '--log-level=warning'],
      { cwd: folder },
    ),
  );

const withWebpack = (folder) =>
  bundledServer(folder, 'webpack', async (from, to) => {
    const { default: webpack } = await import(pathToFileURL(join(folder, 'node_modules/webpack/lib/index.js')).href);
    const compiler = webpack({
      mode: 'production',
      target: 'node20',
      context: folder,
      entry: `./${from}`,
      experiments: { outputModule: true },
      output: { path: join(folder, 'out'), filename: to.slice('out/'.length), module: true, chunkFormat: 'module' },
    });
    const stats = await new Promise((resolve, reject) =>
      compiler.run((error, result) => (error ? reject(error) : resolve(result))),
    );
    if (stats.hasErrors() || stats.hasWarnings()) throw new Error(stats.toString({ colors: false }));
  });

/**
 * Starts the built application on a free port, and gives its origin when it says that it listens.
 */
async function startNext(folder) {
  const child = spawn(bin(folder, 'next'), ['start', 'next', '--port', '0', '--hostname', '127.0.0.1'], {
    cwd: folder,
  });
  const ended = once(child, 'exit');
  let text = '';
  const origin = await new Promise((resolve, reject) => {
    const hear = (chunk) => {
      text += chunk;
      const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(text) ?? [];
      if (url && /Ready/.test(text)) resolve(url);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    ended.then(() => reject(new Error(`next start ended: ${text}`)));
  });
  const stop = async () => {
    child.kill();
    await ended;
  };
  return { origin, stop };
}

async function withNext(folder) {
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1' };
  await command(bin(folder, 'next'), ['build', 'next'], { cwd: folder, env });
  const { origin, stop } = await startNext(folder);
  try {
    for (const path of ['/api/heartbeat', '/api/heartbeat-edge']) {
      const beat = await fetch(origin + path, { method: 'POST', headers: OURS });
      expectEqual(path, [beat.status, (await beat.json()).idleExpiresIn], [200, 1_800]);
      const left = await fetch(origin + path, { headers: OURS });
      expectEqual(`GET ${path}`, [left.status, (await left.json()).idleExpiresIn], [200, 600]);
    }
    const beat = await fetch(`${origin}/auth/heartbeat`, { method: 'POST', headers: OURS });
    expectEqual('/auth/heartbeat', [beat.status, (await beat.json()).reason], [401, 'no_session']);
    expectEqual('the page', (await fetch(origin)).status, 200);
  } finally {
    await stop();
  }
}

const TRIES = [
  ['esbuild bundles both servers, and they answer', withEsbuild],
  ['webpack bundles both servers, and they answer', withWebpack],
  ['Next.js builds with Turbopack, and its routes answer', withNext],
];

/**
 * Bundles what the README shows, with exactly the packages that it names, and runs the results.
 * Needs a build.
 * @returns {Promise<{ passed: number, failed: number }>}
 */
export async function bundlerTests() {
  const counts = { passed: 0, failed: 0 };
  const folder = await project();
  try {
    for (const [title, attempt] of TRIES) {
      const started = performance.now();
      const took = () => `${((performance.now() - started) / 1000).toFixed(1)} s`;
      try {
        await attempt(folder);
        counts.passed += 1;
        console.log(`bundlers: ${title} (${took()})`);
      } catch (error) {
        counts.failed += 1;
        console.log(`${error instanceof Error ? error.message : error}\nbundlers: ${title}: FAILED (${took()})`);
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return counts;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { passed, failed } = await bundlerTests();
  console.log(`bundlers: ${passed} passed, ${failed} failed`);
  process.exitCode = failed || !passed ? 1 : 0;
}
