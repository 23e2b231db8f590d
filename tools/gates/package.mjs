import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { command, tool } from '../command.mjs';
import { root } from '../root.mjs';

const manifest = () => JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** What a client-only install may bring. The parts of Workbox that run in a browser are bundled. */
const INSTALLED = ['idb-keyval', 'stillhere'];

/** Runs `use` with the path of the packed package in an empty folder, and clears both away. */
async function withPacked(use) {
  const folder = mkdtempSync(join(tmpdir(), 'stillhere-pack-'));
  try {
    await command('npm', ['pack', '--ignore-scripts', '--pack-destination', folder]);
    const name = readdirSync(folder).find((file) => file.endsWith('.tgz'));
    await use(join(folder, name), folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Packs the package and lets publint and attw judge its exports and types. */
export const packageExports = () =>
  withPacked(async (tarball) => {
    const { messages } = await publint({ pack: { tarball: readFileSync(tarball).buffer }, strict: true });
    if (messages.length) throw new Error(messages.map((message) => formatMessage(message, manifest())).join('\n'));
    await tool('attw', [tarball, '--profile', 'esm-only', '--exclude-entrypoints', './stillhere-sw.js', '--no-color']);
  });

/** What each export does in a project that has only `stillhere`: printed as JSON. */
const PROBE = `
const { createKeepalive } = await import('stillhere');
const { startKeepaliveWorker } = await import('stillhere/sw');
const server = await import('stillhere/server').then(() => 'loaded', (error) => error.message);
// Pages are rendered on servers too, where nothing of a browser is there.
const keepalive = createKeepalive();
keepalive.start();
console.log(JSON.stringify([keepalive.snapshot().status, typeof startKeepaliveWorker, import.meta.resolve('stillhere/stillhere-sw.js'), server]));
`;

/** Installs the packed package into an empty project and imports every export. */
export const installed = () =>
  withPacked(async (tarball, folder) => {
    writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
    writeFileSync(join(folder, 'probe.mjs'), PROBE);
    await command('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--no-package-lock', tarball], {
      cwd: folder,
    });
    const modules = join(folder, 'node_modules');
    const names = readdirSync(modules)
      .filter((name) => !name.startsWith('.'))
      .flatMap((name) =>
        name.startsWith('@') ? readdirSync(join(modules, name)).map((part) => `${name}/${part}`) : [name],
      );
    const unexpected = names.filter((name) => !INSTALLED.includes(name));
    if (unexpected.length) throw new Error(`a client-only install brings ${unexpected.join(', ')}`);
    const printed = await command(process.execPath, ['probe.mjs'], { cwd: folder });
    const [client, worker, file, server] = JSON.parse(printed);
    if (client !== 'unknown') throw new Error(`on a server 'stillhere' says that the session is ${client}`);
    if (worker !== 'function') throw new Error("'stillhere/sw' does not export startKeepaliveWorker");
    if (!file.endsWith('/dist/stillhere-sw.js')) throw new Error(`'stillhere/stillhere-sw.js' is ${file}`);
    const asked = /npm i ([\w@/. -]+)/.exec(server)?.[1]?.trim().split(/ +/) ?? [];
    const peers = Object.keys(manifest().peerDependencies);
    const odd = asked.filter((name) => !peers.includes(name.replace(/(?<=.)@.*/, '')));
    if (!asked.length || odd.length)
      throw new Error(
        `'stillhere/server' without its peers says ${JSON.stringify(server)}, not which of ${peers.join(' ')} to install`,
      );
  });
