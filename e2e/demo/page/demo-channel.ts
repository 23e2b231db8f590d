import type { DemoEvent } from './demo-event.js';

/** What tabs of the demo tell each other, beside Stillhere's own channel. */
export type DemoMessage =
  | { type: 'event'; event: DemoEvent }
  | { type: 'ask-for-events' }
  | { type: 'events'; events: readonly DemoEvent[] }
  /** A button changed the provider, or a session was started anew: look again. */
  | { type: 'changed' };

export interface DemoChannel {
  post(message: DemoMessage): void;
}

/**
 * A channel that is closed while the page lies in the back/forward cache: a message would evict it.
 */
export function openDemoChannel(receive: (message: DemoMessage) => void): DemoChannel {
  let channel: BroadcastChannel | null = null;
  function open(): void {
    if (channel || typeof BroadcastChannel === 'undefined') return;
    channel = new BroadcastChannel('stillhere-demo');
    channel.onmessage = (event: MessageEvent<DemoMessage>) => receive(event.data);
  }
  open();
  addEventListener('pagehide', () => {
    channel?.close();
    channel = null;
  });
  addEventListener('pageshow', open);
  return { post: (message) => channel?.postMessage(message) };
}
