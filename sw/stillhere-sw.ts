import { runWorker } from './worker.js';

declare const self: ServiceWorkerGlobalScope;

/**
 * The ready-made worker. Its URL holds the endpoints and the name, as paths that the page has
 * checked. It holds no settings: with them, pages of two versions would replace each other's worker
 * again and again.
 */
const { searchParams } = new URL(self.location.href);
const endpoint = searchParams.get('endpoint') ?? '/auth/heartbeat';

runWorker({
  endpoint,
  name: searchParams.get('name') ?? endpoint,
  statusEndpoint: searchParams.get('status'),
});
