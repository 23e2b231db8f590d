import type { BrowserContext, Page } from '@playwright/test';
import type { KeepaliveEvent, KeepaliveSnapshot } from '../../client/types.js';
import { type LogEntry, logReader } from './log-reader.js';

/** What a page writes down, and what comes with it. */
interface PageNews {
  onRefreshed: KeepaliveSnapshot;
  onExpired: KeepaliveSnapshot;
  onSignedOut: KeepaliveSnapshot;
  onSignedIn: KeepaliveSnapshot;
  onUserChanged: KeepaliveSnapshot;
  onEnding: KeepaliveSnapshot;
  onConceal: boolean;
  onEvent: KeepaliveEvent;
  /** The page shows another status of the kept session, or the dialog that says that it is over. */
  shown: string;
  keydown: string;
}

export type PageEntry<C extends keyof PageNews = keyof PageNews> = LogEntry<PageNews, C>;

/**
 * Lets every page of the browser write down what happens in it. The log outlives reloads and
 * navigations of its tab.
 */
export async function keepPageLogs(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    if (window.top !== window || !location.protocol.startsWith('http')) return;
    const note = (callback: string, value: unknown): void => {
      const log: unknown[] = JSON.parse(sessionStorage.getItem('page-log') ?? '[]');
      sessionStorage.setItem('page-log', JSON.stringify([...log, { at: Date.now(), callback, value }]));
    };
    addEventListener('stillhere', (event) => {
      if (event instanceof CustomEvent) note(event.detail.callback, event.detail.value);
    });
    addEventListener('keydown', (event) => note('keydown', event.key), true);
    new MutationObserver((changes) => {
      for (const { target } of changes) {
        if (!(target instanceof HTMLElement)) continue;
        if (target.id === 'kept-status') note('shown', target.dataset.status);
        if (target.id === 'over') note('shown', target.hasAttribute('open') ? 'over' : 'uncovered');
      }
    }).observe(document, { subtree: true, attributes: true, attributeFilter: ['data-status', 'open'] });
  });
}

/** Everything that this tab wrote down so far, oldest first. */
export const pageLog = (page: Page): Promise<PageEntry[]> =>
  page.evaluate(() => JSON.parse(sessionStorage.getItem('page-log') ?? '[]'));

export const { told, events } = logReader<Page, PageNews>(pageLog);
