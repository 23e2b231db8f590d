import { sharedName } from '../../sw/names.js';
import { type ChannelMessage, isChannelMessage, PROTOCOL_VERSION, type ToldActivity } from '../../sw/protocol.js';

export interface NewsChannel {
  open(): void;
  close(): void;
  tellActivity(told: ToldActivity): void;
}

/**
 * Opens the channel of all tabs. A page must close it before it goes into the back/forward cache: a
 * single message would throw the page out of the cache.
 */
export function newsChannel(name: string, onMessage: (message: ChannelMessage) => void): NewsChannel {
  let channel: BroadcastChannel | undefined;
  return {
    open() {
      try {
        channel ??= new BroadcastChannel(sharedName(name));
        channel.onmessage = ({ data }) => {
          if (isChannelMessage(data)) onMessage(data);
        };
      } catch {
        // The browser has no channels, or denies them. The answers to this page's own asks tell it
        // the same.
      }
    },
    close() {
      channel?.close();
      channel = undefined;
    },
    tellActivity(payload) {
      channel?.postMessage({ stillhere: PROTOCOL_VERSION, type: 'activity', payload });
    },
  };
}
