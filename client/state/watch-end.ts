import type { AskKind, EngineSnapshot, Outcome } from '../../sw/protocol.js';
import type { KeepaliveSnapshot } from '../types.js';
import { knownEnd } from './known-end.js';

export interface EndWatch {
  /** Does what is due at `now` and returns the next instant at which something is. */
  check(now: number): number;
  ending(): KeepaliveSnapshot['ending'];
  /** Covers the page until the session is proved alive; `false` once it is. */
  conceal(value: boolean): void;
  /** Asks again about an end that nobody could confirm. */
  retry(): void;
  readonly concealed: boolean | undefined;
}

/**
 * By the engine's clock the end may come a moment later than by the page's, which is known only as well as
 * a message is quick. Then the answer is that the session lives, and this much later the page asks again.
 */
const ASK_AGAIN_MS = 1_000;

/** Watches the announced end: asks once before a warning is shown, and when the end has passed until it is known, in hidden pages too. */
export function watchEnd(
  engine: () => EngineSnapshot | undefined,
  warnBefore: number,
  ask: (kind: AskKind) => Promise<Outcome>,
  onConceal: (concealed: boolean) => void,
  onChange: () => void,
): EndWatch {
  let warning: 'none' | 'asked' | 'shown' = 'none';
  /** When the end is asked about; `Infinity` once it was, and while the answer is on its way. */
  let askEndAt = 0;
  /** Not known until a first answer: a cover of before this tab started stays till then. */
  let concealed: boolean | undefined;
  const conceal = (value: boolean): void => {
    if (value === concealed) return;
    concealed = value;
    onConceal(value);
  };

  return {
    check(now) {
      const at = knownEnd(engine())?.at ?? Infinity;
      const warnAt = at - warnBefore;
      if (warnAt > now) warning = 'none';
      if (at > now) askEndAt = 0;
      else if (now >= askEndAt) {
        askEndAt = Infinity;
        void ask('end').then((outcome) => {
          // Another tab's answer may have come in between and moved the end.
          if (outcome === 'ended' || (knownEnd(engine())?.at ?? 0) > Date.now()) return;
          if (outcome === 'alive') {
            askEndAt = Date.now() + ASK_AGAIN_MS;
            onChange();
          } else conceal(true);
        });
      }
      if (at <= now) return askEndAt;
      if (warnAt > now) return warnAt;
      if (warning === 'none') {
        warning = 'asked';
        // The answer may have moved the end: only one that is still near is shown.
        void ask('warning').then(() => {
          if (warning === 'asked') warning = 'shown';
          onChange();
        });
      }
      return at;
    },
    ending() {
      const end = knownEnd(engine());
      return warning === 'shown' && end && end.at - warnBefore <= Date.now() ? end : null;
    },
    conceal,
    retry() {
      if (concealed) askEndAt = 0;
    },
    get concealed() {
      return concealed;
    },
  };
}
