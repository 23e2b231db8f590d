import type { AliveFacts, EndReason } from '../../server/contract.js';
import type { Ask, AskKind, EngineEvent, ErrorCode, Outcome, SkipReason } from '../protocol.js';
import type { State, Why } from './state.js';

/** What leaves for the server. Who asks is said by the cookie. */
export type RefreshRequest = { kind: 'beat'; activity: 'user' | 'none'; idleMs: number } | { kind: 'check' };

/** What came back, read but not judged. `retryAfter` is milliseconds. */
export type Answer =
  | { kind: 'alive'; facts: AliveFacts }
  | { kind: 'over'; reason: EndReason | null; sessionId: string | null }
  | { kind: 'later'; code: string; retryAfter: number | null; facts: AliveFacts }
  | { kind: 'failed'; code: string; error: ErrorCode | null };

/** A request that has left, and what was true then: its answer counts only while it still is. */
export interface Flight {
  store: string;
  n: number;
  seen: string | null | undefined;
  sentAt: number;
  /** `due` is the ordinary beat. */
  why: Why | 'due';
  ask: AskKind;
  /** The activity that it reports, if it reports any. */
  activityAt: number | null;
  kind: 'beat' | 'check';
  online: boolean;
}

/** A reason to take the lock and send, unless somebody else has done it meanwhile. */
export interface Attempt {
  ask: Ask;
  why: Why | 'due';
  askedAt: number;
}

/** Everything that can happen. Time and chance come in: `random` is in [0, 1). */
export type CoreEvent = { at: number; random: number } & (
  | { type: 'wake' }
  | { type: 'ask'; ask: Ask; checkable: boolean }
  /** Under the lock: decide again, now for good. */
  | { type: 'begin'; attempt: Attempt; checkable: boolean }
  | { type: 'answer'; flight: Flight; answer: Answer }
  | { type: 'told'; store: string; n: number }
);

export type Effect =
  | { type: 'attempt'; attempt: Attempt }
  | { type: 'send'; flight: Flight; request: RefreshRequest }
  /** How the ask ends that led here. */
  | { type: 'settle'; outcome: Outcome; skipped: SkipReason | null };

export interface Step {
  state: State;
  effects: Effect[];
  events: EngineEvent[];
}
