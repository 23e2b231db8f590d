import { openDemoChannel } from './demo-channel.js';

/** The last page of the small window that starts the other session anew. */
export function runFinished(): void {
  openDemoChannel(() => undefined).post({ type: 'changed' });
  window.close();
}
