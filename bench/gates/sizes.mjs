import { pageBundle, workerBundle } from './browser-bundles.mjs';

/** Bytes of gzip (level 9) that a page and a browser may pay. */
const BUDGETS = { page: 5_500, worker: 4_000 };

/** Measures what a page loads at once, workbox-window included, and the ready-made worker; prints it beside its budget. */
export async function sizes() {
  const [page, worker] = await Promise.all([pageBundle(), workerBundle()]);
  const measured = { page: page.entry, worker: worker.entry };
  for (const [name, bytes] of Object.entries(measured))
    console.log(`  ${name.padEnd(8)}${bytes.toLocaleString('en')} of ${BUDGETS[name].toLocaleString('en')} bytes gzip`);
  for (const { name, bytes } of page.lazy) console.log(`  lazy    ${bytes.toLocaleString('en')} bytes gzip, ${name}`);
  const over = Object.keys(BUDGETS).filter((name) => !(measured[name] > 0 && measured[name] <= BUDGETS[name]));
  if (over.length) throw new Error(`over its budget: ${over.join(', ')}`);
}
