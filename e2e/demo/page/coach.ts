import type { SessionStatus } from './session-card.js';

export interface CoachFacts {
  kept: SessionStatus;
  alone: SessionStatus;
  hasTyped: boolean;
  isEnding: boolean;
}

/** The sentence that says what to do next, and what was just seen. */
export function coach({ kept, alone, hasTyped, isEnding }: CoachFacts, idleSeconds: number): string {
  if (kept === 'expired')
    return 'Nobody was here, and the kept session ended as well, in every tab. Your text is still here.';
  if (isEnding) return 'Nobody is here any more, so the kept session may end too. Any key, in any tab, keeps it.';
  if (kept === 'active' && alone === 'expired') {
    return 'That is it: the one left alone ended under your fingers, this one did not. Now take your hands off.';
  }
  if (hasTyped)
    return 'Go on typing. Every beat lifts the kept session back to its full length. The other one only falls.';
  return `Start typing below. Both sessions end after ${idleSeconds} seconds without you, and only one of them is told that you are here.`;
}
