import { createKeepalive } from '../../../client/index.js';
import type { DemoConfig } from './config.js';
import { byId, setData, setText } from './dom.js';
import { keepaliveOptions } from './keepalive-options.js';

/** A page with Stillhere and nothing else, for visitors who are not signed in. */
export function runPlain(config: DemoConfig): void {
  const status = byId('status', HTMLElement);
  const host = byId('host', HTMLElement);
  const events = byId('events', HTMLElement);
  let count = 0;
  const keepalive = createKeepalive({
    ...keepaliveOptions(config),
    onEvent: () => {
      count += 1;
      setText(events, String(count));
    },
  });
  function show(): void {
    const snapshot = keepalive.snapshot();
    setData(status, 'status', snapshot.status);
    setText(status, snapshot.status);
    setText(host, snapshot.host);
  }
  keepalive.subscribe(show);
  keepalive.start();
  show();
}
