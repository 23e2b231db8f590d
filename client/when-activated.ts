/**
 * Calls `callback` once somebody may be looking: at once (but after the caller's own work), or when a prerendered page is activated.
 */
export function whenActivated(callback: (wasPrerendered: boolean) => void): void {
  if ((document as { prerendering?: boolean }).prerendering) {
    document.addEventListener('prerenderingchange', () => callback(true), { once: true });
  } else {
    queueMicrotask(() => callback(false));
  }
}
