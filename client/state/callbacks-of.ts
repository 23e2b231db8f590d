import type { Calls } from '../tab-types.js';
import type { KeepaliveSnapshot } from '../types.js';
import { differ } from './known-end.js';

/** The callbacks that tell of a change of the snapshot. */
export type ChangeCallback = Exclude<keyof Calls, 'onConceal' | 'onError' | 'onEvent'>;

/** The state that the application was last told. */
export interface Told {
  status: KeepaliveSnapshot['status'];
  sessionId: string | null;
  /**
   * The user whose data the page shows: `null` if the server has not said, `undefined` for no user.
   */
  user: string | null | undefined;
  /** `Infinity` until the engine has answered: a beat from before this page is no news. */
  lastBeatAt: number;
  isEnding: boolean;
}

export const nothingTold = (): Told => ({
  status: 'unknown',
  sessionId: null,
  user: undefined,
  lastBeatAt: Infinity,
  isEnding: false,
});

/**
 * Decides what to tell the application now: the difference between the state it was told and the
 * present one, however many messages were missed in between. Changes `told`.
 *
 * @param hadSession The page had reason to believe in a session when it started.
 * @param owner The user for whom the page was rendered.
 */
export function callbacksOf(
  told: Told,
  next: KeepaliveSnapshot,
  hadSession: boolean,
  owner?: string | null,
): ChangeCallback[] {
  const calls: ChangeCallback[] = [];
  const { status, sessionId, user, ending } = next;
  const before = told.status;
  const wasActive = before === 'active';
  const isFirst = before === 'unknown';
  if (isFirst && owner) told.user = owner;
  if (status === 'expired' && (wasActive || (isFirst && (hadSession || owner)))) calls.push('onExpired');
  if (status === 'signed-out' && (wasActive || before === 'expired' || (isFirst && owner))) calls.push('onSignedOut');
  if (status === 'active') {
    const isOther = differ(told.user ?? null, user);
    // If a page says for whom it was rendered and the server does not name the user, the page is
    // told nothing and stays covered. A page that reloads on `onUserChanged` would reload for ever.
    if (isFirst ? isOther : !wasActive || isOther || differ(told.sessionId, sessionId))
      // An unknown user is not the same one.
      calls.push(told.user === undefined || (user && !isOther && told.user) ? 'onSignedIn' : 'onUserChanged');
    told.sessionId = sessionId;
  }
  if (calls.length || status === 'active') told.user = user ?? told.user ?? null;
  if (status !== 'unknown') told.status = status;
  const beat = next.lastBeatAt ?? 0;
  if (beat > told.lastBeatAt) calls.push('onRefreshed');
  told.lastBeatAt = beat;
  if (ending && !told.isEnding) calls.push('onEnding');
  told.isEnding = !!ending;
  return calls;
}
