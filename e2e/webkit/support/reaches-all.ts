import { expect } from 'vitest';
import type { PageEntry } from '../../support/page-log.js';
import type { Tab } from './tab.js';

export const REACHES_ALL_WITHIN_MS = 1_000;

/**
 * Every tab was told exactly once, and none much later than the first. Returns what each was told.
 */
export async function expectToldTogether<C extends PageEntry['callback']>(
  tabs: readonly Tab[],
  callback: C,
): Promise<PageEntry<C>[]> {
  const entries: PageEntry<C>[] = [];
  for (const tab of tabs) {
    const told = await tab.told(callback);
    expect(told).toHaveLength(1);
    entries.push(...told);
  }
  const instants = entries.map(({ at }) => at);
  expect(Math.max(...instants) - Math.min(...instants)).toBeLessThanOrEqual(REACHES_ALL_WITHIN_MS);
  return entries;
}
