import type { Calls } from '../tab-types.js';
import type { KeepaliveSnapshot } from '../types.js';
import { differ } from './known-end.js';

/** The callbacks that tell of a change of the snapshot. */
export type ChangeCallback = Exclude<keyof Calls, 'onConceal' | 'onError' | 'onEvent'>;

/** What the application was last told. */
export interface Told {
  status: KeepaliveSnapshot['status'];
  sessionId: string | null;
  user: string | null;
  /** `Infinity` until something came from the engine: what is there already is no news. */
  lastBeatAt: number;
  isEnding: boolean;
}

export const nothingTold = (): Told => ({
  status: 'unknown',
  sessionId: null,
  user: null,
  lastBeatAt: Infinity,
  isEnding: false,
});

/**
 * What to tell the application now: the difference between what it knows and what is, however many messages were missed in between.
 * Changes `told`. `hadSession`: the page had reason to believe in a session when it started.
 */
export function callbacksOf(told: Told, next: KeepaliveSnapshot, hadSession: boolean): ChangeCallback[] {
  const calls: ChangeCallback[] = [];
  const { status, sessionId, user, ending } = next;
  const before = told.status;
  const wasActive = before === 'active';
  if (status === 'expired' && (wasActive || (before === 'unknown' && hadSession))) calls.push('onExpired');
  if (status === 'signed-out' && (wasActive || before === 'expired')) calls.push('onSignedOut');
  if (status === 'active') {
    if (wasActive ? differ(told.sessionId, sessionId) : before !== 'unknown')
      calls.push(differ(told.user, user) ? 'onUserChanged' : 'onSignedIn');
    told.sessionId = sessionId;
    told.user = user ?? told.user;
  }
  if (status !== 'unknown') told.status = status;
  const beat = next.lastBeatAt ?? 0;
  if (beat > told.lastBeatAt) calls.push('onRefreshed');
  told.lastBeatAt = beat;
  if (ending && !told.isEnding) calls.push('onEnding');
  told.isEnding = !!ending;
  return calls;
}
