import type { EngineAddress } from '../engine-types.js';
import { sharedName } from '../names.js';
import type { Ports } from '../ports.js';
import { fetchRefresh } from './fetch-refresh.js';
import { idbStore } from './idb-store.js';
import { systemClock, systemRandom } from './system.js';
import { webLock } from './web-lock.js';

/**
 * Makes the ports of a real browser, for the worker and for a page. The channel is opened for each
 * post and closed after it, so that it keeps no page out of the back/forward cache.
 */
export function browserPorts(address: EngineAddress): Ports {
  const name = sharedName(address.name);
  return {
    clock: systemClock,
    random: systemRandom,
    store: idbStore(name),
    lock: webLock(name),
    refresh: fetchRefresh(address),
    channel: {
      post(message) {
        const channel = new BroadcastChannel(name);
        channel.postMessage(message);
        channel.close();
      },
    },
  };
}
