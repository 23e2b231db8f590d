/** The same worker with the keepalive in it. */
import { startKeepaliveWorker } from 'stillhere/sw';
import './worker.js';

startKeepaliveWorker();
