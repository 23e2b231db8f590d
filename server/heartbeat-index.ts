export type { EndReason, LaterReason } from './contract.js';
export type { OwnSession, OwnSessions, OwnVerdict } from './identify.js';
export {
  createHeartbeat,
  type HeartbeatCommon,
  type HeartbeatRoute,
  handleOwnHeartbeat as handleHeartbeat,
  type OwnHeartbeatOptions as HeartbeatOptions,
} from './own-heartbeat.js';
export type { LogEvent, LogFacts } from './session/log-events.js';
export type { Logger } from './session/logger.js';
export type { RateLimiter } from './session/rate-limit.js';
export { userMeta } from './user-meta.js';
