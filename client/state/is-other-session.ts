import type { EngineSnapshot } from '../../sw/protocol.js';

/** Whether `seen`, the session as the page sees it, is another than the engine knows of. Of an unknown one nothing can be said. */
export function isOtherSession(
  { status, sessionId, endedSessionId }: EngineSnapshot,
  seen: string | null | undefined,
): boolean {
  if (seen === undefined || seen === sessionId) return false;
  return status === 'active' || (seen !== null && seen !== endedSessionId);
}
