export const isVisible = (): boolean => document.visibilityState === 'visible';

/**
 * Tells when the user opened this page, or returns 0. Only a navigation in a visible top-level page
 * is an act of the user. A reload, a restore and a navigation from a page to itself are not:
 * scripts and the browser cause them too, and they must not keep an absent user signed in.
 */
export function arrivedAt(): number {
  const [navigation] = performance.getEntriesByType?.('navigation') ?? [];
  const { type, activationStart = 0 } = (navigation ?? {}) as { type?: string; activationStart?: number };
  const isLedHere = type === 'navigate' && document.referrer !== location.href;
  const isArrival = isLedHere && isVisible() && window.top === window;
  return isArrival ? Date.now() - performance.now() + activationStart : 0;
}
