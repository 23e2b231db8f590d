/**
 * Event types that a person causes. `scroll` is not one of them, because scripts scroll too.
 * `focusin` is one, because a screen reader may send nothing else.
 */
export const ACTIVITY_EVENTS: readonly string[] =
  'pointerdown keydown touchstart touchmove wheel input compositionupdate paste drop focusin pointermove'.split(' ');
