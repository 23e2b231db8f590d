import type { AliveBody, EndReason, LaterReason } from '../contract.js';

/** What a beat says of the user. */
export interface Presence {
  activity: 'user' | 'none';
  /** Milliseconds since the user was last active. */
  idleMs: number;
  /**
   * Milliseconds since the client's first attempt that got no answer, as it claims; absent if all
   * were answered.
   */
  unansweredMs?: number;
}

/** Public handles: no credential, safe in pages and logs. */
export interface PublicHandles {
  sessionId: string | null;
  user: string | null;
}

/** What is left of a session, in seconds. */
export interface Remaining {
  idleExpiresIn: number | null;
  absoluteExpiresIn: number | null;
}

/** What the session service says of one session; the HTTP layer only translates it. */
export type Verdict =
  | { kind: 'alive'; body: AliveBody }
  /** An application's own session may end for a reason of its own. */
  | ({ kind: 'over'; reason: EndReason | (string & {}) } & PublicHandles)
  | ({ kind: 'later'; status: 429 | 503; reason: LaterReason; retryAfter: number } & Partial<
      PublicHandles & Remaining
    >);
