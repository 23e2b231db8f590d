import type { AskKind, EngineSnapshot, Outcome } from '../../sw/protocol.js';
import type { KeepaliveSnapshot } from '../types.js';
import { knownEnd } from './known-end.js';

export interface EndWatch {
  /** Does what is due at `now`, and returns the next instant at which something is due. */
  check(now: number): number;
  ending(): KeepaliveSnapshot['ending'];
  /** Covers the page with `true`, and uncovers it with `false`. */
  conceal(value: boolean): void;
  /** Asks again about an end that the server could not confirm. */
  retry(): void;
  readonly concealed: boolean | undefined;
}

/**
 * The end may come a moment later on the engine's clock than on the page's, because the difference
 * of the two is known only to within the time of a message. Then the answer says that the session
 * is alive, and the page asks again after these milliseconds.
 */
const ASK_AGAIN_MS = 1_000;

/**
 * Watches the announced end, in hidden pages too. Asks once before a warning is shown. When the end
 * has passed, it asks until the server has confirmed it.
 */
export function watchEnd(
  engine: () => EngineSnapshot | undefined,
  warnBefore: number,
  ask: (kind: AskKind) => Promise<Outcome>,
  onConceal: (concealed: boolean) => void,
  onChange: () => void,
): EndWatch {
  let warning: 'none' | 'asked' | 'shown' = 'none';
  /** When to ask about the end. `Infinity` while the answer is on its way, and after it. */
  let askEndAt = 0;
  /** `undefined` until the first answer, so that a cover from before a restart stays until then. */
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
        // The answer may have moved the end. A warning is shown only if the end is still near.
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
