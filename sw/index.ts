export type { EndReason } from '../server/contract.js';
export { type KeepaliveWorkerOptions, startKeepaliveWorker } from './worker.js';
