import { sharedName } from '../../sw/names.js';
import { type ChannelMessage, isChannelMessage, PROTOCOL_VERSION, type ToldActivity } from '../../sw/protocol.js';

export interface NewsChannel {
  open(): void;
  close(): void;
  tellActivity(told: ToldActivity): void;
}

/** The channel of all tabs. A page in the back/forward cache must have closed it: a single message would throw the page out of the cache. */
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
        // There are none, or the browser denies them: each answer to this page's own asks tells it the same.
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
