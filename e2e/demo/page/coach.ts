import type { SessionStatus } from './session-card.js';

export interface CoachFacts {
  kept: SessionStatus;
  /** Why the kept session ended. */
  reason: string | null;
  alone: SessionStatus;
  hasTyped: boolean;
  isEnding: boolean;
}

export interface Advice {
  step: 1 | 2 | 3;
  text: string;
}

/**
 * What to do next, and what was just seen: the demonstration's three steps are type, hands off, and
 * the end.
 */
export function coach({ kept, reason, alone, hasTyped, isEnding }: CoachFacts, idleSeconds: number): Advice {
  if (kept === 'expired') {
    return reason === 'idle_timeout'
      ? {
          step: 3,
          text: 'Nobody was here, so the kept session has ended as well, in every tab. Your text is still here.',
        }
      : { step: 3, text: 'The kept session has ended, and every tab was told at once. Your text is still here.' };
  }
  if (isEnding)
    return {
      step: 3,
      text: 'Nobody is here, so the kept session may end too. Any key or touch, in any tab, keeps it.',
    };
  if (kept === 'active' && alone === 'expired') {
    return hasTyped
      ? { step: 2, text: 'The one left alone has ended under your fingers. This one has not. Now take your hands off.' }
      : { step: 2, text: 'The one left alone has ended, though you are here. Now take your hands off.' };
  }
  if (hasTyped) {
    return { step: 1, text: 'Go on typing: every beat refills the kept session, and the one left alone only falls.' };
  }
  return {
    step: 1,
    text: `Type in the form below. Both sessions end after ${idleSeconds} s without you, and only one is told that you are here.`,
  };
}
