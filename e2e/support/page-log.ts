import type { BrowserContext, Page } from '@playwright/test';
import type { KeepaliveEvent, KeepaliveSnapshot } from '../../client/types.js';

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

/** One entry, with the page's own instant: a test that comes late reads the same. */
export interface PageEntry<C extends keyof PageNews = keyof PageNews> {
  at: number;
  callback: C;
  value: PageNews[C];
}

/** Lets every page of the browser write down what happens in it. The log outlives reloads and navigations of its tab. */
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

/** What this tab wrote down of one kind. */
export async function told<C extends keyof PageNews>(page: Page, callback: C): Promise<PageEntry<C>[]> {
  const isOfKind = (entry: PageEntry): entry is PageEntry<C> => entry.callback === callback;
  return (await pageLog(page)).filter(isOfKind);
}

type EventOf<T extends KeepaliveEvent['type']> = Extract<KeepaliveEvent, { type: T }>;

/** The events of one type that this tab was told of: those of all tabs, each once. */
export async function events<T extends KeepaliveEvent['type']>(page: Page, type: T): Promise<EventOf<T>[]> {
  const isOfType = (event: KeepaliveEvent): event is EventOf<T> => event.type === type;
  return (await told(page, 'onEvent')).map(({ value }) => value).filter(isOfType);
}
