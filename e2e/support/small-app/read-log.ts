import type { KeepaliveSnapshot } from '../../../client/types.js';
import { logReader } from '../log-reader.js';
import type { Entry, Told } from './log.js';

/** A page of the small application, by either driver. */
export interface SmallPage {
  evaluate<R>(read: () => R): Promise<Awaited<R>>;
}

export const logOf = (page: SmallPage): Promise<Entry[]> => page.evaluate(() => window.smallApp.log);

export const { told, events } = logReader<SmallPage, Told>(logOf);

export const snapshotOf = (page: SmallPage): Promise<KeepaliveSnapshot> =>
  page.evaluate(() => window.smallApp.keepalive.snapshot());

/** The changes that a page was told of, in order; a cover with its value. */
export const changesOf = async (page: SmallPage): Promise<string[]> =>
  (await logOf(page))
    .filter(({ callback }) => /^on(Conceal|UserChanged|SignedOut|SignedIn|Expired)$/.test(callback))
    .map(({ callback, value }) => (callback === 'onConceal' ? `${callback}(${value})` : callback));
