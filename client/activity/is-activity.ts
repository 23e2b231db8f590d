/**
 * How many milliseconds after a callback a change of focus counts as the application's own.
 * Frameworks open their dialogs in a later task.
 */
const QUIET_MS = 1_000;

let lastPlace = '';
let quietUntil = 0;

/**
 * Runs the application's callback. If the callback moves the focus, for example because it opens a
 * dialog, that is no activity of the user.
 */
export function quietly(call: () => void): void {
  quietUntil = performance.now() + QUIET_MS;
  call();
}

/** The time of the page's clock at which a trusted event last counted as activity. */
let trustedAt = -Infinity;

/**
 * Tells if a person caused `event`. Some extensions type for people, by dictation or with text
 * blocks: they set a field's value and dispatch an `input` event that is not trusted. Such an event
 * counts in the field that has the focus, for `trustFor` milliseconds after a trusted event. So
 * scripts alone keep no user signed in for longer than that.
 */
export function isActivity(event: Event, trustFor: () => number): boolean {
  const { type, target, isTrusted } = event;
  if (!isTrusted && type !== 'input') return false;
  const now = performance.now();
  if (type === 'pointermove') {
    // Browsers send this event too when the layout moves under a resting pointer.
    const { movementX, movementY, screenX, screenY } = event as PointerEvent;
    const before = lastPlace;
    lastPlace = `${screenX},${screenY}`;
    if (!movementX && !movementY && (!before || before === lastPlace)) return false;
    // The place where the pointer comes to rest is not known: nothing listens then.
    lastPlace = '';
  }
  // A script's focus() and execCommand() fire trusted events too. They count only in a document
  // that has the focus.
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
