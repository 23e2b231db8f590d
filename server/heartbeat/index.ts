export type { EndReason, LaterReason } from '../contract.js';
export type { LogEvent, LogFacts } from '../observe/log-events.js';
export type { Logger } from '../observe/logger.js';
export type { RateLimiter } from '../rates/rate-limit.js';
export {
  createHeartbeat,
  type HeartbeatCommon,
  type HeartbeatRoute,
  handleOwnHeartbeat as handleHeartbeat,
  type OwnHeartbeatOptions as HeartbeatOptions,
} from './create-heartbeat.js';
export type { OwnSession, OwnSessions, OwnVerdict } from './own-sessions.js';
export { userMeta } from './user-meta.js';
