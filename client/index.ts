export type { EndReason } from '../server/contract.js';
export type { Epoch, ErrorCode, Outcome, SkipReason, Status } from '../sw/protocol.js';
export { createKeepalive } from './create-keepalive.js';
export type {
  Keepalive,
  KeepaliveError,
  KeepaliveEvent,
  KeepaliveOptions,
  KeepaliveSnapshot,
} from './types.js';
