/** The worker of an application that works offline, as the docs of Workbox have it. */
import './record-requests.js';
import { createHandlerBoundToURL, precacheAndRoute } from 'workbox-precaching';
import { NavigationRoute, registerRoute } from 'workbox-routing';
import { NetworkFirst } from 'workbox-strategies';

precacheAndRoute(self.__WB_MANIFEST);
// Sign-in, sign-out and all else below /auth/ is the server's.
registerRoute(new NavigationRoute(createHandlerBoundToURL('/index.html'), { denylist: [/^\/auth\//] }));
registerRoute(({ url }) => url.pathname.startsWith('/api/'), new NetworkFirst());
self.addEventListener('message', ({ data }) => {
  if (data?.type === 'SKIP_WAITING') self.skipWaiting();
});
