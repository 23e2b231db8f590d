import type { Ask, AskKind, EngineSettings, EngineSnapshot, ToldActivity } from '../../sw/protocol.js';
import { isVisible } from '../activity/arrival.js';

/** What a page knows of its user. */
export interface Presence {
  /** The user is here, as `kind` tells: the next ping says so. */
  note(kind: AskKind, at?: number): void;
  /** Another tab tells of activity `age` milliseconds ago, and if it asks the engine now. */
  hear(told: ToldActivity): void;
  /** What a ping says of the user. */
  facts(): Pick<Ask, 'visible' | 'activityAge' | 'online'>;
  /** Tells the other tabs of activity in this one, ten times in an interval and every 30 s at most; with `isLast` before the page cannot any more. */
  gossip(isLast: boolean): void;
  /** When activity is to be reported to the engine; `Infinity` while that would change nothing. With `isRefused` an ask waits for `wakeAt`. */
  dueAt(engine: EngineSnapshot, isRefused: boolean): number;
  /**
   * A ping goes out at `now`: why. The next one waits, since its answer may not have come yet. The
   * other tabs are told, so that they leave it to this one.
   */
  ping(now: number, engine: EngineSnapshot): AskKind;
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
  tellOthers: (told: ToldActivity) => void,
): Presence {
  /** Spreads the tabs that know of activity in others: one of them is to post. */
  const jitter = Math.random() * 1_000;
  /** What the latest activity in this tab was: `touch` counts in hidden pages too. */
  let cause: AskKind = 'activity';
  /** The latest activity in this tab, the latest that another told of, and when it did. */
  let own = 0;
  let other = 0;
  let heardAt = 0;
  /** The latest ping of another tab. */
  let otherPingedAt = 0;
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
    hear({ age, asks }) {
      heardAt = Date.now();
      other = Math.max(other, heardAt - age);
      if (asks) otherPingedAt = heardAt;
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
        tellOthers({ age: since(own) });
      }
    },
    dueAt({ wakeAt, reportedActivityAt, failures }, isRefused) {
      // While requests fail the engine sets the pace: near the session's end it is quicker.
      const pace = failures ? minInterval / 4 : minInterval;
      // Another tab asks for this beat. This one does only if no news came and that tab could have
      // asked again.
      const leftTo = otherPingedAt < wakeAt ? 0 : otherPingedAt + pace + YIELD + jitter;
      const earliest = Math.max(wakeAt, pingedAt + pace, leftTo);
      if (isRefused) return earliest;
      const latest = Math.max(own, other);
      if (!(isVisible() || cause === 'touch') || latest <= reportedActivityAt) return Infinity;
      // A tab in use never waits for the activity of others: all of them tell, and would put each
      // other off for ever. What is told looks newer by the message's way.
      const spread = other > reportedActivityAt ? wakeAt + jitter : wakeAt;
      const at = Math.max(earliest, own, own < other - YIELD ? Math.max(wakeAt, heardAt) + YIELD + jitter : spread);
      return at - latest > activeWindow ? Infinity : at;
    },
    ping(now, { wakeAt }) {
      // Once for each beat: a tab whose asks reach no engine must not put the others off for ever.
      if (pingedAt < wakeAt) tellOthers({ age: since(own), asks: true });
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
        otherPingedAt = past(otherPingedAt);
        pingedAt = past(pingedAt);
        gossipedAt = past(gossipedAt);
      }
      return isBack;
    },
  };
}
