import { isActivity } from './is-activity.js';

export interface ActivityNotice {
  /**
   * Observes `target` too, and the same-origin frames in it. Returns a function that ends the
   * observation.
   */
  observe(target: EventTarget): () => void;
  /** Calls `onActivity` at once for an event that was noticed, because the page goes away. */
  flush(): void;
  stop(): void;
}

/** A target that is observed. */
interface Place {
  /**
   * The listener of this target alone: scripts that wrap `addEventListener` may call it later, when
   * the event no longer says where it is heard.
   */
  notice(event: Event): void;
  /**
   * The types whose listener was taken off. `false` if it fired again though it was: scripts wrap
   * `addEventListener` and forget `removeEventListener`. Such a listener stays. Each one put back
   * would be one more.
   */
  off: Map<string, boolean>;
}

/**
 * An event that is older than this when it is heard has waited for a page that stood still. Other
 * events have waited too.
 */
const STALE_MS = 1_000;

/**
 * Calls `onActivity` after the first event that a person causes, with the milliseconds since then,
 * and hears nothing for `resolution` milliseconds. In that time each listener that fires is taken
 * off, and it is put back afterwards. So nothing is on the hot path of a page in use, and no timer
 * runs while the user is away. A listener that does not fire stays: to move the wheel's costs more
 * than all else here. `onActivity` runs in a task of its own, so that the event which is noticed
 * costs its user no more than the others. `trustFor` is as in `isActivity`. `onErased` is called
 * after a script may have erased all listeners.
 */
export function noticeActivity(
  types: readonly string[],
  resolution: number,
  onActivity: (age: number) => void,
  trustFor: () => number,
  onErased: () => void,
): ActivityNotice {
  const undos = new Set<() => void>();
  /** Puts back the listeners that were taken off. */
  let gone: (() => void)[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isPending = false;
  /** The time of the page's clock at the latest activity. */
  let activeAt = 0;

  function observe(target: EventTarget): () => void {
    const places = new Map<EventTarget, Place>();
    let watcher: MutationObserver | undefined;

    function placeOf(target: EventTarget): Place {
      const off = new Map<string, boolean>();

      function notice(event: Event): void {
        const { type } = event;
        // Observing has ended, and the listener could not be taken off.
        if (places.get(target) !== place) return;
        if (!timer) {
          if (!isActivity(event, trustFor)) return;
          activeAt = performance.now() - ageOf(event, target);
          isPending = true;
          timer = setTimeout(flush);
        } else if (isPending && ageOf(event, target) > STALE_MS) activeAt = performance.now() - ageOf(event, target);
        else if (off.has(type)) off.set(type, false);
        else {
          off.set(type, true);
          gone.push(() => {
            if (places.get(target) === place && off.get(type) && off.delete(type)) listen(target, place, 'add', [type]);
          });
          ifOurs(() => listen(target, place, 'remove', [type]));
        }
      }

      const place = { notice, off };
      return place;
    }

    // Not with an AbortSignal: it would keep each listener that was ever put back, and each frame
    // that is gone.
    function listen(target: EventTarget, { notice }: Place, how: 'add' | 'remove', some = types): void {
      for (const type of some) target[`${how}EventListener`](type, notice, { capture: true, passive: true });
    }

    const add = (target: EventTarget): void =>
      ifOurs(() => {
        for (const other of places.keys()) if ((other as Window).closed) places.delete(other);
        const place = places.get(target) ?? placeOf(target);
        places.set(target, place);
        place.off.clear();
        listen(target, place, 'add');
        const root = rootOf(target);
        // A reloaded frame has lost its listeners. Its `load` does not bubble, never reaches its
        // window and leaves no shadow root.
        root.addEventListener('load', onLoad, true);
        // A script's document.open() erases all listeners of the document and its window. No event
        // tells of it.
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
      for (const target of places.keys()) add(target);
      onErased();
    }

    const undo = (): void => {
      watcher?.disconnect();
      for (const [target, place] of places)
        ifOurs(() => {
          listen(target, place, 'remove');
          rootOf(target).removeEventListener('load', onLoad, true);
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

/** The node that holds the frames of `place`: a window's document, otherwise `place` itself. */
const rootOf = (place: EventTarget): EventTarget & Partial<ParentNode> => (place as Window).document ?? place;

/**
 * Milliseconds since the event happened at `place`, by the clock of its own window. A page that
 * stood still hears of it late. A time stamp of another clock counts as now. So does that of a
 * script's event: it says when the event was made, and a script may dispatch one again and again.
 */
function ageOf({ isTrusted, timeStamp }: Event, place: EventTarget): number {
  const { ownerDocument, defaultView } = place as Document;
  const { performance: clock = performance } = (ownerDocument ?? { defaultView }).defaultView ?? (place as Window);
  const age = clock.now() - timeStamp;
  return isTrusted && timeStamp > 0 && age > 0 ? age : 0;
}

/**
 * The browser throws if a frame is of another origin, or has gone to one. Such a frame is not
 * observed.
 */
function ifOurs(listen: () => void): void {
  try {
    listen();
  } catch {}
}
