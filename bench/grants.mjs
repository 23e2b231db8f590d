/**
 * Sessions whose tokens are due beat four times each, all at once, over three server processes that
 * share a store: one request for tokens per session, and nearly all answers 200, on SQLite as on
 * Redis. The provider and Redis are real. Fails where a figure is missed. Needs no build. Usage:
 * node bench/grants.mjs [sessions] [rounds]
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { root } from '../tools/root.mjs';

const SESSIONS = Number(process.argv[2] ?? 100);
const ROUNDS = Number(process.argv[3] ?? 1);
const LEAST_ALIVE = 0.95;

/** Inside the project, so that the bundle finds the installed packages. */
const folder = join(root, 'node_modules', '.cache', `stillhere-grants-${process.pid}`);
const entry = join(root, 'server', 'testing', 'processes', 'measure-grants.ts');

async function loadMeasure() {
  mkdirSync(folder, { recursive: true });
  const outfile = join(folder, 'measure-grants.mjs');
  await build({
    entryPoints: [entry],
    outfile,
    ...{ bundle: true, platform: 'node', format: 'esm', packages: 'external', logLevel: 'silent' },
    // The sources are found from where they are, not from the bundle.
    define: { 'import.meta.url': JSON.stringify(pathToFileURL(entry).href) },
  });
  return import(pathToFileURL(outfile).href);
}

try {
  const { measureGrants } = await loadMeasure();
  for (let round = 0; round < ROUNDS; round++) {
    for (const store of ['sqlite', 'redis']) {
      const { sessions, beats, tokenRequests, answers, seconds } = await measureGrants(store, SESSIONS);
      const share = (answers.alive ?? 0) / beats;
      const met = tokenRequests === sessions && share >= LEAST_ALIVE;
      const told = Object.entries(answers).map(([name, count]) => `${count} x ${name}`);
      console.log(
        `${store}: ${tokenRequests} requests for tokens of ${sessions} sessions (target ${sessions}); ${beats} beats in ${seconds.toFixed(1)} s: ` +
          `${told.join(', ')} (target at least ${LEAST_ALIVE * 100} % alive)${met ? '' : ' MISSED'}`,
      );
      if (!met) process.exitCode = 1;
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
