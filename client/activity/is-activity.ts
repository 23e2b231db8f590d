let lastPlace = '';
let calling = 0;

/** Runs the application's callback: where it moves the focus, as a dialog does that it opens, that is nobody's activity. */
export function quietly(call: () => void): void {
  calling += 1;
  try {
    call();
  } finally {
    calling -= 1;
  }
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
    return !!(movementX || movementY) || (before !== '' && before !== lastPlace);
  }
  // A script's focus() and execCommand() fire trusted events too: not in a document that nobody has in front.
  if (type === 'focusin' || type === 'input') {
    const { ownerDocument, document } = target as Node & Window;
    return !calling && !!(ownerDocument ?? document)?.hasFocus();
  }
  return true;
}
