import { isActivity } from './is-activity.js';

export interface ActivityNotice {
  /** Observes `target` too, and the same-origin frames in it; returns the undo. */
  observe(target: EventTarget): () => void;
  /** Does now what there is to do for an event that was noticed: the page goes away. */
  flush(): void;
  stop(): void;
}

/** An event that is older when it is heard has waited for a page that stood still, and so have others. */
const STALE_MS = 1_000;

/**
 * Calls `onActivity` after the first event that a person causes, with the milliseconds since then, and hears nothing for `resolution`
 * milliseconds. In that time each listener that fires is taken off, and it is put back afterwards. So nothing is on the hot path of a page
 * in use, and no timer runs while the user is away. A listener that does not fire stays: to move the wheel's costs more than all else here.
 * `onActivity` runs in a task of its own, so that the event which is noticed costs its user no more than the others. `trustFor` is as in `isActivity`; `onErased` is called after a script may have erased all listeners.
 */
export function noticeActivity(
  types: readonly string[],
  resolution: number,
  onActivity: (age: number) => void,
  trustFor: () => number,
  onErased: () => void,
): ActivityNotice {
  const undos = new Set<() => void>();
  /** Puts back what went. */
  let gone: (() => void)[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isPending = false;
  /** The page's clock at the latest activity. */
  let activeAt = 0;

  function observe(target: EventTarget): () => void {
    /**
     * Each observed place, and by its type each listener that was taken off. `false` if it fired again though it was: scripts wrap
     * `addEventListener` and forget `removeEventListener`. Such a listener stays. Each one put back would be one more.
     */
    const places = new Map<EventTarget, Map<string, boolean>>();
    let watcher: MutationObserver | undefined;

    function notice(event: Event): void {
      const { type } = event;
      const place = event.currentTarget as EventTarget;
      const off = places.get(place);
      // Observing has ended, and the listener could not be taken off.
      if (!off) return;
      if (!timer) {
        if (!isActivity(event, trustFor)) return;
        activeAt = performance.now() - ageOf(event, place);
        isPending = true;
        timer = setTimeout(flush);
      } else if (isPending && ageOf(event, place) > STALE_MS) activeAt = performance.now() - ageOf(event, place);
      else if (off.has(type)) off.set(type, false);
      else {
        off.set(type, true);
        gone.push(() => {
          if (places.get(place) === off && off.get(type) && off.delete(type)) listen(place, 'add', [type]);
        });
        ifOurs(() => listen(place, 'remove', [type]));
      }
    }

    // Not by a signal: it would remember each listener that was ever put back, and each frame that has gone.
    function listen(place: EventTarget, how: 'add' | 'remove', some = types): void {
      for (const type of some) place[`${how}EventListener`](type, notice, { capture: true, passive: true });
    }

    const add = (place: EventTarget): void =>
      ifOurs(() => {
        for (const other of places.keys()) if ((other as Window).closed) places.delete(other);
        places.set(place, new Map());
        listen(place, 'add');
        const root = rootOf(place);
        // A frame's `load` does not bubble, never reaches its window and leaves no shadow root. A reloaded frame has lost its listeners.
        root.addEventListener('load', onLoad, true);
        // A script's document.open() erases all listeners of the document and its window, and no event tells.
        if ((root as Document).defaultView) {
          watcher ??= new MutationObserver(onReplaced);
          watcher.observe(root as Document, { childList: true });
        }
        addFrame(root);
        for (const frame of root.querySelectorAll?.('iframe,frame') ?? []) addFrame(frame);
      });

    const addFrame = (element: EventTarget | null): void => {
      const { contentDocument, contentWindow } = element as HTMLIFrameElement;
      if (contentDocument && contentWindow) add(contentWindow);
    };

    const onLoad = ({ target: loaded }: Event): void => addFrame(loaded);

    function onReplaced(): void {
      for (const place of places.keys()) add(place);
      onErased();
    }

    const undo = (): void => {
      watcher?.disconnect();
      for (const place of places.keys())
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
    onActivity(performance.now() - activeAt);
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

/**
 * Milliseconds since the event happened at `place`, by the clock of its own window. A page that stood still hears of it late. A time stamp
 * of another clock counts as now.
 */
function ageOf({ timeStamp }: Event, place: EventTarget): number {
  const { ownerDocument, defaultView } = place as Document;
  const { performance: clock = performance } = (ownerDocument ?? { defaultView }).defaultView ?? (place as Window);
  const age = clock.now() - timeStamp;
  return timeStamp > 0 && age > 0 ? age : 0;
}

/** What happens in a frame of another origin, or in one that has gone there, is not ours to see: the browser throws. */
function ifOurs(listen: () => void): void {
  try {
    listen();
  } catch {}
}
