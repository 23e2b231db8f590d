/**
 * An application's own worker: it has messages and requests of its own, and Stillhere beside them.
 */
import { startKeepaliveWorker } from 'stillhere/sw';

startKeepaliveWorker({ endpoint: '/auth/heartbeat', claim: true });

self.addEventListener('message', (event) => {
  if (event.data === 'Who are you?') event.ports[0]?.postMessage('The worker of the application.');
});

self.addEventListener('fetch', (event) => {
  if (new URL(event.request.url).pathname === '/own/from-worker') {
    event.respondWith(new Response('Answered by the worker of the application.'));
  }
});
