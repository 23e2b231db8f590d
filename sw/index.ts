export { type KeepaliveWorkerOptions, startKeepaliveWorker } from './start-keepalive-worker.js';
