export { createKeepaliveApp, type KeepaliveApp, type OidcKeepaliveApp } from './app.js';
export type {
  CommonAppOptions,
  KeepaliveAppOptions,
  OidcAppOptions,
  OidcOptions,
  OwnSessionsAppOptions,
} from './app-options.js';
export {
  type HeartbeatOptions,
  handleHeartbeat,
  type OwnSession,
  type OwnSessions,
  type OwnVerdict,
} from './heartbeat.js';
export { requireSession, type SessionGuardSource, type SessionVariables } from './require-session.js';
export type { Logger } from './session/logger.js';
export type { SessionStore } from './session/store.js';
export type { SessionAccess, SessionService, Verdict } from './session/types.js';
