export interface PageEvents {
  onVisible(): void;
  onHidden(): void;
  onOnline(): void;
  /** The page goes away, perhaps into the back/forward cache. */
  onLeave(): void;
  /** The page came back from the back/forward cache. */
  onReturn(): void;
  /** The page was frozen. */
  onResume(): void;
  onCookie(): void;
}

/** The page's life, as events; returns the undo. */
export function pageEvents(on: PageEvents): () => void {
  const { cookieStore } = window as { cookieStore?: EventTarget };
  const listeners: [EventTarget | undefined, string, (event: Event) => void][] = [
    [document, 'visibilitychange', () => (document.visibilityState === 'visible' ? on.onVisible() : on.onHidden())],
    [document, 'resume', on.onResume],
    [window, 'online', on.onOnline],
    [window, 'pagehide', on.onLeave],
    [window, 'pageshow', (event) => (event as PageTransitionEvent).persisted && on.onReturn()],
    [cookieStore, 'change', on.onCookie],
  ];
  for (const [target, type, listener] of listeners) target?.addEventListener(type, listener);
  return () => {
    for (const [target, type, listener] of listeners) target?.removeEventListener(type, listener);
  };
}
