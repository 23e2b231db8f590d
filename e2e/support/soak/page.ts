import { createKeepalive } from '../../../client/index.js';
import type { Keepalive, KeepaliveOptions } from '../../../client/types.js';

/**
 * What the soak finds in the page: it counts and keeps nothing, so that what grows here is not its
 * own.
 */
interface Soak {
  keepalive: Keepalive;
  counts: Record<string, number>;
}

declare global {
  interface Window {
    soak: Soak;
  }
}

const counts: Record<string, number> = {};
const count = (what: string): void => {
  counts[what] = (counts[what] ?? 0) + 1;
};
addEventListener('error', ({ message }) => count(`error: ${message}`));
addEventListener('unhandledrejection', ({ reason }) => count(`error: ${reason}`));

const pace: KeepaliveOptions = JSON.parse(new URLSearchParams(location.search).get('pace') ?? '{}');
const keepalive = createKeepalive({
  ...pace,
  onRefreshed: () => count('onRefreshed'),
  onExpired: () => count('onExpired'),
  onSignedOut: () => count('onSignedOut'),
  onSignedIn: () => count('onSignedIn'),
  onUserChanged: () => count('onUserChanged'),
  onConceal: () => count('onConceal'),
  onError: ({ code }) => count(`error: ${code}`),
  onEvent: ({ type }) => count(type),
});
window.soak = { keepalive, counts };
keepalive.subscribe(() => {
  const status = document.getElementById('kept-status');
  if (status) status.dataset.status = keepalive.snapshot().status;
});
keepalive.start();
