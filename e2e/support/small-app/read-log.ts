import type { KeepaliveEvent, KeepaliveSnapshot } from '../../../client/types.js';
import type { Entry, Told } from './log.js';

/** A page of the small application, by either driver. */
interface SmallPage {
  evaluate<R>(read: () => R): Promise<Awaited<R>>;
}

export const logOf = (page: SmallPage): Promise<Entry[]> => page.evaluate(() => window.smallApp.log);

/** What this page wrote down of one kind. */
export async function told<C extends keyof Told>(page: SmallPage, callback: C): Promise<Entry<C>[]> {
  const isOfKind = (entry: Entry): entry is Entry<C> => entry.callback === callback;
  return (await logOf(page)).filter(isOfKind);
}

type EventOf<T extends KeepaliveEvent['type']> = Extract<KeepaliveEvent, { type: T }>;

export async function events<T extends KeepaliveEvent['type']>(page: SmallPage, type: T): Promise<EventOf<T>[]> {
  const isOfType = (event: KeepaliveEvent): event is EventOf<T> => event.type === type;
  return (await told(page, 'onEvent')).map(({ value }) => value).filter(isOfType);
}

export const snapshotOf = (page: SmallPage): Promise<KeepaliveSnapshot> =>
  page.evaluate(() => window.smallApp.keepalive.snapshot());
