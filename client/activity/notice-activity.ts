import { isActivity } from './is-activity.js';

export interface ActivityNotice {
  /** Observes `target` too, and the same-origin frames in it; returns the undo. */
  observe(target: EventTarget): () => void;
  /** Does now what there is to do for an event that was noticed: the page goes away. */
  flush(): void;
  stop(): void;
}

/**
 * Calls `onActivity` after the first event that a person causes, and hears nothing for `resolution` milliseconds then: the listener that an
 * event meets meanwhile goes with it and comes back afterwards. So nothing is on the hot path of a page in use, no timer runs while nobody is
 * there, and what does not fire is not moved: the wheel's alone costs more to take off and put back than all else that is done here. What there
 * is to do is done in a task of its own: the event that is noticed must not cost its user more than the others.
 */
export function noticeActivity(types: readonly string[], resolution: number, onActivity: () => void): ActivityNotice {
  const undos = new Set<() => void>();
  /** Puts back what went. */
  let gone: (() => void)[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isPending = false;

  function observe(target: EventTarget): () => void {
    const places = new Set<EventTarget>();

    function notice(event: Event): void {
      const { type, currentTarget } = event;
      if (timer) {
        if (currentTarget) listen(currentTarget, 'remove', [type]);
        gone.push(() => currentTarget && places.has(currentTarget) && listen(currentTarget, 'add', [type]));
      } else if (isActivity(event)) {
        isPending = true;
        timer = setTimeout(flush);
      }
    }

    // Not by a signal: it would remember each listener that was ever put back, and each frame that has gone.
    function listen(place: EventTarget, how: 'add' | 'remove', some = types): void {
      for (const type of some) place[`${how}EventListener`](type, notice, { capture: true, passive: true });
    }

    const add = (place: EventTarget): void =>
      ifOurs(() => {
        for (const other of places) if ((other as Window).closed) places.delete(other);
        places.add(place);
        listen(place, 'add');
        const root = rootOf(place);
        // A frame's `load` does not bubble, never reaches its window and leaves no shadow root. A reloaded frame has lost its listeners.
        root.addEventListener('load', onLoad, true);
        addFrame(root);
        for (const frame of root.querySelectorAll?.('iframe,frame') ?? []) addFrame(frame);
      });

    const addFrame = (element: EventTarget | null): void => {
      const { contentDocument, contentWindow } = element as HTMLIFrameElement;
      if (contentDocument && contentWindow) add(contentWindow);
    };

    const onLoad = ({ target: loaded }: Event): void => addFrame(loaded);

    const undo = (): void => {
      for (const place of places)
        ifOurs(() => {
          listen(place, 'remove');
          rootOf(place).removeEventListener('load', onLoad, true);
        });
      places.clear();
      undos.delete(undo);
    };
    add(target);
    undos.add(undo);
    return undo;
  }

  function flush(): void {
    if (!isPending) return;
    isPending = false;
    clearTimeout(timer);
    timer = setTimeout(attach, resolution);
    onActivity();
  }

  function attach(): void {
    timer = undefined;
    for (const putBack of gone) ifOurs(putBack);
    gone = [];
  }

  return {
    observe,
    flush,
    stop() {
      isPending = false;
      clearTimeout(timer);
      for (const undo of undos) undo();
    },
  };
}

/** Where the frames of `place` are: in a window's document, else in itself, which may be one. */
const rootOf = (place: EventTarget): EventTarget & Partial<ParentNode> => (place as Window).document ?? place;

/** What happens in a frame of another origin, or in one that has gone there, is not ours to see: the browser throws. */
function ifOurs(listen: () => void): void {
  try {
    listen();
  } catch {}
}
