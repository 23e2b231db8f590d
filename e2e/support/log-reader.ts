import type { KeepaliveEvent } from '../../client/types.js';

/**
 * One entry of a page's log, with the page's own instant: a test that comes late reads the same.
 */
export interface LogEntry<Told, C extends keyof Told = keyof Told> {
  at: number;
  callback: C;
  value: Told[C];
}

type EventOf<T extends KeepaliveEvent['type']> = Extract<KeepaliveEvent, { type: T }>;

/** Reads logs of one kind: by what was called, and of `onEvent` by the type of event. */
export function logReader<Page, Told extends { onEvent: KeepaliveEvent }>(
  read: (page: Page) => Promise<LogEntry<Told>[]>,
) {
  /** What this page wrote down of one kind. */
  async function told<C extends keyof Told>(page: Page, callback: C): Promise<LogEntry<Told, C>[]> {
    const isOfKind = (entry: LogEntry<Told>): entry is LogEntry<Told, C> => entry.callback === callback;
    return (await read(page)).filter(isOfKind);
  }

  /** The events of one type that this page was told of: those of all tabs, each once. */
  async function events<T extends KeepaliveEvent['type']>(page: Page, type: T): Promise<EventOf<T>[]> {
    const isOfType = (event: KeepaliveEvent): event is EventOf<T> => event.type === type;
    return (await told(page, 'onEvent')).map(({ value }) => value).filter(isOfType);
  }

  return { told, events };
}
