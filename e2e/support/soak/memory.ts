import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { CDPSession, Page } from 'puppeteer-core';
import { median } from '../../../bench/support/statistics.mjs';

/**
 * What lives after a garbage collection, in bytes of script; of several pages the median, the least
 * and the most.
 */
export interface MemorySample {
  minute: number;
  page: number;
  least: number;
  most: number;
  /** In the page that has most. */
  nodes: number;
  listeners: number;
  /** This process: server, provider, the driver and what is written down for the figures. */
  own: number;
}

async function measure(cdp: CDPSession): Promise<{ heap: number; nodes: number; listeners: number }> {
  // What the first collection finalises, the second one frees.
  await cdp.send('HeapProfiler.collectGarbage');
  await cdp.send('HeapProfiler.collectGarbage');
  const { metrics } = await cdp.send('Performance.getMetrics');
  const value = (name: string): number => metrics.find((metric) => metric.name === name)?.value ?? Number.NaN;
  return { heap: value('JSHeapUsedSize'), nodes: value('Nodes'), listeners: value('JSEventListeners') };
}

function ownHeap(): number {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  collect();
  return process.memoryUsage().heapUsed;
}

/** Measures these pages and this process, again and again through the same sessions. */
export async function watchMemory(pages: readonly Page[]): Promise<(minute: number) => Promise<MemorySample>> {
  const sessions = await Promise.all(pages.map((page) => page.createCDPSession()));
  for (const cdp of sessions) await cdp.send('Performance.enable');
  return async (minute) => {
    const measured = [];
    for (const cdp of sessions) measured.push(await measure(cdp));
    const heaps = measured.map(({ heap }) => heap);
    return {
      minute,
      page: median(heaps),
      least: Math.min(...heaps),
      most: Math.max(...heaps),
      nodes: Math.max(...measured.map(({ nodes }) => nodes)),
      listeners: Math.max(...measured.map(({ listeners }) => listeners)),
      own: ownHeap(),
    };
  };
}

const kB = (bytes: number): string => (bytes / 1_024).toFixed(0);

export const describeSample = ({ minute, page, least, most, nodes, listeners, own }: MemorySample): string =>
  `soak: at ${minute.toFixed(1)} min: heap of a page ${kB(page)} kB (${kB(least)} to ${kB(most)}), at most ${nodes} nodes and ${listeners} listeners; of server, provider and driver ${kB(own)} kB`;

/** The last as a multiple of the first. */
export const growth = (samples: readonly MemorySample[], what: 'page' | 'own'): number =>
  (samples.at(-1)?.[what] ?? Number.NaN) / (samples[0]?.[what] ?? Number.NaN);

/**
 * Bytes a minute: the median of the slopes of all pairs (Theil and Sen), which one odd sample does
 * not move.
 */
export function slope(samples: readonly MemorySample[], what: 'page' | 'own'): number {
  const slopes = samples.flatMap((one, i) =>
    samples.slice(i + 1).map((other) => (other[what] - one[what]) / (other.minute - one.minute)),
  );
  return slopes.length ? median(slopes) : 0;
}
