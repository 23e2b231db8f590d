let lastPlace = '';

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
    return !!(ownerDocument ?? document)?.hasFocus();
  }
  return true;
}
