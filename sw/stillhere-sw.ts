import { runWorker } from './worker.js';

declare const self: ServiceWorkerGlobalScope;

/**
 * The ready-made worker. Its URL carries where to ask and under which name, as paths that the page
 * has checked, and nothing else: settings there would make pages of two versions replace each
 * other's worker for ever.
 */
const { searchParams } = new URL(self.location.href);
const endpoint = searchParams.get('endpoint') ?? '/auth/heartbeat';

runWorker({
  endpoint,
  name: searchParams.get('name') ?? endpoint,
  statusEndpoint: searchParams.get('status'),
});
