/**
 * Event types that a person causes. Not `scroll`: scripts scroll too. `focusin` is there because a screen reader may send nothing else.
 */
export const ACTIVITY_EVENTS: readonly string[] =
  'pointerdown keydown touchstart touchmove wheel input compositionupdate paste drop focusin pointermove'.split(' ');
