export { createKeepaliveApp, type KeepaliveApp, type OidcKeepaliveApp } from './app.js';
export type { EndReason, LaterReason } from './contract.js';
export { createHeartbeat, type HeartbeatRoute } from './heartbeat/create-heartbeat.js';
export {
  type HeartbeatCommon,
  type HeartbeatOptions,
  type HeldSessions,
  handleHeartbeat,
  type OwnSession,
  type OwnSessions,
  type OwnVerdict,
} from './heartbeat/handle-heartbeat.js';
export { userMeta } from './heartbeat/user-meta.js';
export type { Logger } from './observe/logger.js';
export type { Meter } from './observe/meter.js';
export type {
  CommonAppOptions,
  KeepaliveAppOptions,
  OidcAppOptions,
  OidcOptions,
  OwnSessionsAppOptions,
} from './options/app-options.js';
export type { ClientAuthMethod } from './provider/client-proof.js';
export type { RateLimiter } from './rates/rate-limit.js';
export type { Identity, TokenSet } from './record/token-set.js';
export { requireSession, type SessionGuardSource, type SessionVariables } from './require-session.js';
export type { SessionAccess, SessionService } from './session/session-service.js';
export type { FlightNotes, IntentMarker, SessionFacts, SessionRecord, SessionStore } from './store/store.js';
export type { Presence, Verdict } from './verdict/verdict.js';
