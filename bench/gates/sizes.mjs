import { pageBundle, workerBundle } from './browser-bundles.mjs';

/** Bytes of gzip (level 9): where a page's and the worker's size should be, and the ceiling that no change may pass on the way there. */
const TARGETS = { page: 5_500, worker: 4_000 };
const CEILINGS = { page: 8_250, worker: 5_450 };

/** Measures what a page loads at once, workbox-window included, and the ready-made worker; prints it beside its ceiling and target. */
export async function sizes() {
  const [page, worker] = await Promise.all([pageBundle(), workerBundle()]);
  const measured = { page: page.entry, worker: worker.entry };
  for (const [name, bytes] of Object.entries(measured))
    console.log(
      `  ${name.padEnd(8)}${bytes.toLocaleString('en')} bytes gzip, ceiling ${CEILINGS[name].toLocaleString('en')}, target ${TARGETS[name].toLocaleString('en')}`,
    );
  for (const { name, bytes } of page.lazy) console.log(`  lazy    ${bytes.toLocaleString('en')} bytes gzip, ${name}`);
  const over = Object.keys(CEILINGS).filter((name) => !(measured[name] > 0 && measured[name] <= CEILINGS[name]));
  if (over.length) throw new Error(`over its ceiling: ${over.join(', ')}`);
}
