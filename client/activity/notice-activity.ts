import { isActivity } from './is-activity.js';

export interface ActivityNotice {
  /** Observes `target` too, and where it is a window its same-origin frames; returns the undo. */
  observe(target: EventTarget): () => void;
  /** Does now what there is to do for an event that was noticed: the page goes away. */
  flush(): void;
  stop(): void;
}

/** Types that come in streams: their listeners come off. To leave the rare ones costs less than to take them off and put them back. */
const isStream = (type: string): boolean => /key|input|composition|move|wheel|scroll/.test(type);

/**
 * Calls `onActivity` after the first event that a person causes, and takes the listeners of streams off for `resolution` milliseconds: nothing
 * is on the hot path of a page in use, and no timer runs while nobody is there. What there is to do is done in a task of its own: the event that
 * is noticed must not cost its user more than the others.
 */
export function noticeActivity(types: readonly string[], resolution: number, onActivity: () => void): ActivityNotice {
  const targets = new Set<EventTarget>();
  const streams = types.filter(isStream);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isPending = false;

  function listen(target: EventTarget, on: boolean, some = types): void {
    const method = on ? 'addEventListener' : 'removeEventListener';
    try {
      for (const type of some) target[method](type, notice, { capture: true, passive: true });
    } catch {
      // A frame that has gone to another origin: what happens there is not ours to see.
      targets.delete(target);
    }
  }

  function add(target: EventTarget): void {
    targets.add(target);
    listen(target, true);
    if (timer && !isPending) listen(target, false, streams);
    const page = documentOf(target);
    // A frame's `load` does not bubble and never reaches its window. A reloaded frame has lost its listeners.
    page?.addEventListener('load', onLoad, true);
    for (const frame of page?.querySelectorAll('iframe,frame') ?? []) addFrame(frame);
  }

  function addFrame(element: Element): void {
    const { contentDocument, contentWindow } = element as HTMLIFrameElement;
    if (contentDocument && contentWindow) add(contentWindow);
  }

  const onLoad = ({ target }: Event): void => {
    if (/^i?frame$/i.test((target as Element).tagName)) addFrame(target as Element);
  };

  function attach(): void {
    timer = undefined;
    for (const target of [...targets]) {
      if ((target as Window).closed) targets.delete(target);
      else add(target);
    }
  }

  function notice(event: Event): void {
    if (timer || !isActivity(event)) return;
    isPending = true;
    timer = setTimeout(flush);
  }

  function flush(): void {
    if (!isPending) return;
    isPending = false;
    clearTimeout(timer);
    for (const target of targets) listen(target, false, streams);
    timer = setTimeout(attach, resolution);
    onActivity();
  }

  function drop(target: EventTarget): void {
    listen(target, false);
    documentOf(target)?.removeEventListener('load', onLoad, true);
    targets.delete(target);
  }

  return {
    observe(target) {
      add(target);
      return () => drop(target);
    },
    flush,
    stop() {
      isPending = false;
      clearTimeout(timer);
      for (const target of [...targets]) drop(target);
    },
  };
}

function documentOf(target: EventTarget): Document | undefined {
  try {
    return (target as Window).document;
  } catch {
    return undefined;
  }
}
