import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { CDPSession, Page } from 'puppeteer-core';

/** What lives after a garbage collection: bytes of script, and what a page that is left uncleared collects. */
export interface PageMemory {
  heap: number;
  nodes: number;
  listeners: number;
}

/** Measures a page again and again, through one session. */
export async function watchMemory(page: Page): Promise<() => Promise<PageMemory>> {
  const cdp: CDPSession = await page.createCDPSession();
  await cdp.send('Performance.enable');
  return async () => {
    // What the first collection finalises, the second one frees.
    await cdp.send('HeapProfiler.collectGarbage');
    await cdp.send('HeapProfiler.collectGarbage');
    const { metrics } = await cdp.send('Performance.getMetrics');
    const value = (name: string): number => metrics.find((metric) => metric.name === name)?.value ?? Number.NaN;
    return { heap: value('JSHeapUsedSize'), nodes: value('Nodes'), listeners: value('JSEventListeners') };
  };
}

/** Bytes that live in this process after a garbage collection: server, provider, the driver and what the soak writes down. */
export function ownHeap(): number {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  collect();
  return process.memoryUsage().heapUsed;
}

/** The slope of a line through points: the median of the slopes of all pairs (Theil and Sen), which one odd point does not move. */
export function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const slopes = points
    .flatMap(([x, y], i) => points.slice(i + 1).map(([u, v]) => (v - y) / (u - x)))
    .sort((a, b) => a - b);
  return slopes[Math.floor(slopes.length / 2)] ?? Number.NaN;
}
