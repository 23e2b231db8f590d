export const isVisible = (): boolean => document.visibilityState === 'visible';

/**
 * When the user opened this page, or 0: only a navigation in a visible top-level page is somebody's act. A reload or a restore is not, and
 * neither is a navigation from a page to itself, which is how else a script reloads: absent users must not be kept signed in by either.
 */
export function arrivedAt(): number {
  const [navigation] = performance.getEntriesByType?.('navigation') ?? [];
  const { type, activationStart = 0 } = (navigation ?? {}) as { type?: string; activationStart?: number };
  const isLedHere = type === 'navigate' && document.referrer !== location.href;
  const isArrival = isLedHere && isVisible() && window.top === window;
  return isArrival ? Date.now() - performance.now() + activationStart : 0;
}
