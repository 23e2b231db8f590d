import { pageBundle, workerBundle } from './browser-bundles.mjs';

/** The most bytes of gzip (level 9) that a page's entry and the worker may have. */
const CEILINGS = { page: 8_600, worker: 5_700 };

/** Measures what a page loads at once, and the ready-made worker; prints each with its ceiling. */
export async function sizes() {
  const [page, worker] = await Promise.all([pageBundle(), workerBundle()]);
  const measured = { page: page.entry, worker: worker.entry };
  for (const [name, bytes] of Object.entries(measured))
    console.log(
      `  ${name.padEnd(8)}${bytes.toLocaleString('en')} bytes gzip, ceiling ${CEILINGS[name].toLocaleString('en')}`,
    );
  for (const { name, bytes } of page.lazy) console.log(`  lazy    ${bytes.toLocaleString('en')} bytes gzip, ${name}`);
  const over = Object.keys(CEILINGS).filter((name) => !(measured[name] > 0 && measured[name] <= CEILINGS[name]));
  if (over.length) throw new Error(`over its ceiling: ${over.join(', ')}`);
}
