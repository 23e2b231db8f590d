/** How long after a callback a focus is the application's: frameworks open their dialogs in a later task. */
const QUIET_MS = 1_000;

let lastPlace = '';
let quietUntil = 0;

/** Runs the application's callback: where it moves the focus, as a dialog does that it opens, that is nobody's activity. */
export function quietly(call: () => void): void {
  quietUntil = performance.now() + QUIET_MS;
  call();
}

/** Whether a person caused `event`. */
export function isActivity(event: Event): boolean {
  if (!event.isTrusted) return false;
  const { type, target } = event;
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
    const { ownerDocument, document } = target as Node & Window;
    return performance.now() >= quietUntil && !!(ownerDocument ?? document)?.hasFocus();
  }
  return true;
}
