export { createKeepaliveApp, type KeepaliveApp, type OidcKeepaliveApp } from './app.js';
export type {
  CommonAppOptions,
  KeepaliveAppOptions,
  OidcAppOptions,
  OidcOptions,
  OwnSessionsAppOptions,
} from './app-options.js';
export type { ClientAuthMethod } from './client-proof.js';
export type { EndReason, LaterReason } from './contract.js';
export {
  type HeartbeatCommon,
  type HeartbeatOptions,
  type HeldSessions,
  handleHeartbeat,
  type OwnSession,
  type OwnSessions,
  type OwnVerdict,
} from './heartbeat.js';
export { createHeartbeat, type HeartbeatRoute } from './own-heartbeat.js';
export { requireSession, type SessionGuardSource, type SessionVariables } from './require-session.js';
export type { Logger } from './session/logger.js';
export type { Meter } from './session/meter.js';
export type { RateLimiter } from './session/rate-limit.js';
export type { FlightNotes, IntentMarker, SessionFacts, SessionRecord, SessionStore } from './session/store.js';
export type { Identity, Presence, SessionAccess, SessionService, TokenSet, Verdict } from './session/types.js';
export { userMeta } from './user-meta.js';
