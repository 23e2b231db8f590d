import type { KeepaliveSnapshot } from '../types.js';

export type ChangeCallback = 'onRefreshed' | 'onExpired' | 'onSignedOut' | 'onSignedIn' | 'onUserChanged' | 'onEnding';

/** What the application was last told. */
export interface Told {
  status: KeepaliveSnapshot['status'];
  sessionId: string | null;
  user: string | null;
  /** `undefined` until something came from the engine. */
  lastBeatAt?: number;
  endingAt?: number | undefined;
}

/**
 * What to tell the application now: the difference between what it knows and what is, however many messages were missed in between.
 * Changes `told`. `hadSession`: the page had reason to believe in a session when it started.
 */
export function callbacksOf(told: Told, next: KeepaliveSnapshot, hadSession: boolean): ChangeCallback[] {
  const calls: ChangeCallback[] = [];
  const { status, sessionId, user } = next;
  if (status !== 'unknown') {
    const before = told.status;
    if (status === 'expired') {
      if (before === 'active' || (before === 'unknown' && hadSession)) calls.push('onExpired');
    } else if (status === 'signed-out') {
      if (before === 'active' || before === 'expired') calls.push('onSignedOut');
    } else if (
      before === 'expired' ||
      before === 'signed-out' ||
      (before === 'active' && told.sessionId && sessionId && told.sessionId !== sessionId)
    ) {
      calls.push(told.user && user && told.user !== user ? 'onUserChanged' : 'onSignedIn');
    }
    told.status = status;
    if (status === 'active') {
      told.sessionId = sessionId;
      told.user = user ?? told.user;
    }
  }
  const beat = next.lastBeatAt ?? 0;
  if (told.lastBeatAt !== undefined && beat > told.lastBeatAt) calls.push('onRefreshed');
  told.lastBeatAt = beat;
  if (next.ending && told.endingAt === undefined) calls.push('onEnding');
  told.endingAt = next.ending?.at;
  return calls;
}
