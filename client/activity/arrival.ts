export const isVisible = (): boolean => document.visibilityState === 'visible';

/**
 * When the user opened this page, or 0: only a navigation in a visible top-level page is somebody's act. A reload or a restore is not,
 * or a page that reloads itself would keep nobody signed in.
 */
export function arrivedAt(): number {
  const [navigation] = performance.getEntriesByType?.('navigation') ?? [];
  const { type, activationStart = 0 } = (navigation ?? {}) as { type?: string; activationStart?: number };
  const isArrival = type === 'navigate' && isVisible() && window.top === window;
  return isArrival ? Date.now() - performance.now() + activationStart : 0;
}
