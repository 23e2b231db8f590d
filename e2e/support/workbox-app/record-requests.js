/**
 * Writes down the requests that pass through this worker, where a spec finds them. A worker has no
 * memory.
 */
self.addEventListener('fetch', (event) => {
  event.waitUntil(caches.open('requests').then((seen) => seen.put(event.request.url, new Response())));
});
