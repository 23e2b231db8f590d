import type { KeepaliveOptions } from '../../../client/types.js';

/**
 * Whatever Stillhere tells the page is told on its window too, for a curious visitor with the
 * console open: `addEventListener('stillhere', ({ detail }) => console.log(detail.callback,
 * detail.value))`.
 */
export function listenAlong(options: KeepaliveOptions): KeepaliveOptions {
  const along =
    <T>(callback: string, own: ((value: T) => void) | undefined) =>
    (value: T): void => {
      dispatchEvent(new CustomEvent('stillhere', { detail: { callback, value } }));
      own?.(value);
    };
  return {
    ...options,
    onRefreshed: along('onRefreshed', options.onRefreshed),
    onExpired: along('onExpired', options.onExpired),
    onSignedOut: along('onSignedOut', options.onSignedOut),
    onSignedIn: along('onSignedIn', options.onSignedIn),
    onUserChanged: along('onUserChanged', options.onUserChanged),
    onEnding: along('onEnding', options.onEnding),
    onConceal: along('onConceal', options.onConceal),
    onEvent: along('onEvent', options.onEvent),
  };
}
