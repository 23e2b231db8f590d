import type { Ask, AskKind, EngineSettings, EngineSnapshot } from '../../sw/protocol.js';
import { isVisible } from './arrival.js';

/** What a page knows of its user. */
export interface Presence {
  /** The user is here, as `kind` tells: the next ping says so. */
  note(kind: AskKind, at?: number): void;
  /** Another tab tells of activity `age` milliseconds ago. */
  hear(age: number): void;
  /** What a ping says of the user. */
  facts(): Pick<Ask, 'visible' | 'activityAge' | 'online'>;
  /** Tells the other tabs of activity in this one, ten times in an interval and every 30 s at most; with `isLast` before the page cannot any more. */
  gossip(isLast: boolean): void;
  /** When activity is to be reported to the engine; `Infinity` while that would change nothing. With `isRefused` an ask waits for `wakeAt`. */
  dueAt(engine: EngineSnapshot, isRefused: boolean): number;
  /** A ping goes out at `now`: why. The next one waits, since its answer may not have come yet. */
  ping(now: number): AskKind;
  /** Whether the clock was set back since it was last read. What lies ahead now never was. */
  isSetBack(now: number): boolean;
}

const GOSSIP_EVERY_MS = 30_000;
/** How much longer a tab waits that has only heard of the activity: the tab that saw it posts first. */
const YIELD = 2_000;
/** A clock is corrected by so much every now and then: that is no change of the clock. */
const SKEW = 1_000;

/** Instants are milliseconds since the epoch, 0 for never. */
export function createPresence(
  { activeWindow, interval, minInterval }: EngineSettings,
  tellOthers: (age: number) => void,
): Presence {
  /** Spreads the tabs that know of activity in others: one of them is to post. */
  const jitter = Math.random() * 1_000;
  /** What the latest activity in this tab was: `touch` counts in hidden pages too. */
  let cause: AskKind = 'activity';
  /** The latest activity in this tab, the latest that another told of, and when it did. */
  let own = 0;
  let other = 0;
  let heardAt = 0;
  let pingedAt = 0;
  let gossipedAt = 0;
  let clockReadAt = 0;

  const since = (at: number): number => Math.max(0, Date.now() - at);

  return {
    note(kind, at = Date.now()) {
      if (at < own) return;
      cause = kind;
      own = at;
    },
    hear(age) {
      heardAt = Date.now();
      other = Math.max(other, heardAt - age);
    },
    facts() {
      const latest = Math.max(own, other);
      return {
        visible: isVisible(),
        activityAge: latest ? since(latest) : Infinity,
        online: navigator.onLine !== false,
      };
    },
    gossip(isLast) {
      if (own > gossipedAt && (isLast || since(gossipedAt) >= Math.min(GOSSIP_EVERY_MS, interval / 10))) {
        gossipedAt = Date.now();
        tellOthers(since(own));
      }
    },
    dueAt({ wakeAt, reportedActivityAt, failures }, isRefused) {
      // While requests fail the engine sets the pace: near the session's end it is quicker.
      const earliest = Math.max(wakeAt, pingedAt + (failures ? minInterval / 4 : minInterval));
      if (isRefused) return earliest;
      const latest = Math.max(own, other);
      if (!(isVisible() || cause === 'touch') || latest <= reportedActivityAt) return Infinity;
      // A tab that has seen the latest activity never waits for what others tell: tabs in use all tell, and would put each other off for ever.
      const spread = other > reportedActivityAt ? wakeAt + jitter : wakeAt;
      const at = Math.max(earliest, own, own < other ? Math.max(wakeAt, heardAt) + YIELD + jitter : spread);
      return at - latest > activeWindow ? Infinity : at;
    },
    ping(now) {
      pingedAt = now;
      return cause;
    },
    isSetBack(now) {
      const isBack = now < clockReadAt - SKEW;
      clockReadAt = now;
      if (isBack) {
        const past = (at: number): number => (at > now ? 0 : at);
        own = past(own);
        other = past(other);
        heardAt = past(heardAt);
        pingedAt = past(pingedAt);
        gossipedAt = past(gossipedAt);
      }
      return isBack;
    },
  };
}
