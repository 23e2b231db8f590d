import type { KeepaliveEvent } from '../../../client/types.js';
import type { PageEntry } from '../../support/page-log.js';
import type { WebDriver } from './webdriver.js';

type Callback = PageEntry['callback'];
type EventOf<T extends KeepaliveEvent['type']> = Extract<KeepaliveEvent, { type: T }>;

/**
 * One window or tab of the browser. Each method turns the driver to it first, so their calls go one
 * after another.
 */
export interface Tab {
  goTo(url: string): Promise<void>;
  url(): Promise<string>;
  run<T>(script: string, ...args: unknown[]): Promise<T>;
  click(testId: string): Promise<void>;
  type(selector: string, keys: string): Promise<void>;
  /** What the page shows of the kept session. A hidden page draws nothing. */
  status(): Promise<string>;
  /** Everything that this tab wrote down so far, oldest first. */
  log(): Promise<PageEntry[]>;
  /** What it wrote down of one kind. */
  told<C extends Callback>(callback: C): Promise<PageEntry<C>[]>;
  /** The events of one type that it was told of: those of all tabs, each once. */
  events<T extends KeepaliveEvent['type']>(type: T): Promise<EventOf<T>[]>;
}

export const byTestId = (id: string): string => `[data-testid="${id}"]`;

export function createTab(driver: WebDriver, handle: string): Tab {
  async function run<T>(script: string, ...args: unknown[]): Promise<T> {
    await driver.switchTo(handle);
    return driver.run<T>(script, ...args);
  }
  async function find(selector: string): Promise<string> {
    await driver.switchTo(handle);
    return driver.find(selector);
  }
  const log = () => run<PageEntry[]>("return JSON.parse(sessionStorage.getItem('page-log') ?? '[]')");
  async function told<C extends Callback>(callback: C): Promise<PageEntry<C>[]> {
    const isOfKind = (entry: PageEntry): entry is PageEntry<C> => entry.callback === callback;
    return (await log()).filter(isOfKind);
  }

  return {
    async goTo(url) {
      await driver.switchTo(handle);
      await driver.goTo(url);
    },
    async url() {
      await driver.switchTo(handle);
      return driver.url();
    },
    run,
    click: async (testId) => driver.click(await find(byTestId(testId))),
    type: async (selector, keys) => driver.type(await find(selector), keys),
    status: () => run("return document.getElementById('kept-status')?.dataset.status ?? 'none'"),
    log,
    told,
    async events<T extends KeepaliveEvent['type']>(type: T) {
      const isOfType = (event: KeepaliveEvent): event is EventOf<T> => event.type === type;
      return (await told('onEvent')).map(({ value }) => value).filter(isOfType);
    },
  };
}
