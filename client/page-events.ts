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
  let wasVisible = document.visibilityState === 'visible';
  // Scripts dispatch this event too, to make others look again: only a page that was hidden comes back.
  const onVisibility = (): void => {
    const isVisible = document.visibilityState === 'visible';
    if (!isVisible) on.onHidden();
    else if (!wasVisible) on.onVisible();
    wasVisible = isVisible;
  };
  const listeners: [EventTarget | undefined, string, (event: Event) => void][] = [
    [document, 'visibilitychange', onVisibility],
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
