import { startKeepaliveWorker } from './worker.js';

declare const self: ServiceWorkerGlobalScope;

/**
 * The ready-made worker. Its URL carries where to ask and under which name, and nothing else: settings there would make pages of two
 * versions replace each other's worker for ever.
 */
const { searchParams } = new URL(self.location.href);
const endpoint = searchParams.get('endpoint');
const name = searchParams.get('name');
const status = searchParams.get('status');

startKeepaliveWorker({
  ...(endpoint !== null && { endpoint }),
  ...(name !== null && { name }),
  ...(status !== null && { statusEndpoint: status || null }),
});
