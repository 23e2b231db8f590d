import { browserBundle, ownWorkerBundle, pageBundle, workerBundle } from './browser-bundles.mjs';

/** What belongs to the server or to one framework, and must reach no page and no worker. */
const FORBIDDEN = ['jose', 'hono', 'react', 'oauth4webapi', 'libsql', 'ioredis', 'valibot', 'pino', 'prom-client'];

/** The forbidden names among a bundle's files and in its text. */
function found({ inputs, text }) {
  return FORBIDDEN.filter(
    (name) => inputs.some((path) => path.includes(`node_modules/${name}/`)) || new RegExp(`\\b${name}\\b`).test(text),
  );
}

/** Looks for server libraries and frameworks in everything that runs in a browser. */
export async function forbiddenNames() {
  // The search itself is tried first: a bundle that does hold one of them.
  const control = await browserBundle({ stdin: { contents: "export * from 'jose'", resolveDir: '.' }, format: 'esm' });
  if (!found(control).includes('jose')) throw new Error('the search finds nothing even where jose is bundled');
  const bundles = { page: await pageBundle(), worker: await workerBundle(), 'stillhere/sw': await ownWorkerBundle() };
  const bad = Object.entries(bundles).flatMap(([name, bundle]) => found(bundle).map((what) => `${what} in ${name}`));
  if (bad.length) throw new Error(bad.join(', '));
}
