import type { AliveBody, EndReason, LaterReason } from '../contract.js';

/** The user's presence, as a beat tells it. */
export interface Presence {
  activity: 'user' | 'none';
  /** The milliseconds since the user was last active. */
  idleMs: number;
  /**
   * The milliseconds since the client's first attempt that got no answer, as the client claims.
   * Absent if all attempts were answered.
   */
  unansweredMs?: number;
}

/** Public ids. They are no credentials, and may be shown in pages and logs. */
export interface PublicHandles {
  sessionId: string | null;
  user: string | null;
}

/** The durations that are left of a session, in seconds. */
export interface Remaining {
  idleExpiresIn: number | null;
  absoluteExpiresIn: number | null;
}

/** The session service's judgement of one session. The HTTP layer only translates it. */
export type Verdict =
  | { kind: 'alive'; body: AliveBody }
  /** An application's own session may end for a reason of its own. */
  | ({ kind: 'over'; reason: EndReason | (string & {}) } & PublicHandles)
  | ({ kind: 'later'; status: 429 | 503; reason: LaterReason; retryAfter: number } & Partial<
      PublicHandles & Remaining
    >);
