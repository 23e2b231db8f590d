/** How long after a callback a focus is the application's: frameworks open their dialogs in a later task. */
const QUIET_MS = 1_000;

let lastPlace = '';
let quietUntil = 0;

/** Runs the application's callback: where it moves the focus, as a dialog does that it opens, that is nobody's activity. */
export function quietly(call: () => void): void {
  quietUntil = performance.now() + QUIET_MS;
  call();
}

/** The page's clock when a trusted event counted last. */
let trustedAt = -Infinity;

/**
 * Tells if a person caused `event`. Extensions that type for people, by dictation or with text blocks, set a field's value and dispatch
 * an `input` that is not trusted. It counts in the field that has the focus, for `trustFor` milliseconds after a trusted event:
 * scripts alone keep no user signed in for longer than that.
 */
export function isActivity(event: Event, trustFor: () => number): boolean {
  const { type, target, isTrusted } = event;
  if (!isTrusted && type !== 'input') return false;
  const now = performance.now();
  if (type === 'pointermove') {
    // Browsers send one when the layout moves under a resting pointer.
    const { movementX, movementY, screenX, screenY } = event as PointerEvent;
    const before = lastPlace;
    lastPlace = `${screenX},${screenY}`;
    if (!movementX && !movementY && (!before || before === lastPlace)) return false;
    // Where the pointer comes to rest is not heard.
    lastPlace = '';
  }
  // A script's focus() and execCommand() fire trusted events too: not in a document that nobody has in front.
  if (type === 'focusin' || type === 'input') {
    const { ownerDocument, document } = (target ?? {}) as Node & Window;
    if (now < quietUntil || !(ownerDocument ?? document)?.hasFocus()) return false;
  }
  if (!isTrusted) {
    const root = (target as Partial<Node>).getRootNode?.() as Document | undefined;
    return target === root?.activeElement && now - trustedAt <= trustFor();
  }
  trustedAt = now;
  return true;
}
