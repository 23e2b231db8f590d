import type { Ask, AskKind, EngineSettings, EngineSnapshot, ToldActivity } from '../../sw/protocol.js';
import { isVisible } from '../activity/arrival.js';

/** Knows when the page's user was active, and tells the engine and the other tabs. */
export interface Presence {
  /** Notes that the user is here, as `kind` tells. The next ping says so. */
  note(kind: AskKind, at?: number): void;
  /**
   * Notes that another tab tells of activity `age` milliseconds ago, and if it asks the engine now.
   */
  hear(told: ToldActivity): void;
  /** Returns what a ping says of the user. */
  facts(): Pick<Ask, 'visible' | 'activityAge' | 'online'>;
  /**
   * Tells the other tabs of activity in this one, at most ten times in an interval and every 30 s.
   * With `isLast` it tells them at once, because the page may not be able to later.
   */
  gossip(isLast: boolean): void;
  /**
   * Returns when activity is to be reported to the engine, or `Infinity` while a report would
   * change nothing. With `isRefused` an ask waits for the engine's `wakeAt`.
   */
  dueAt(engine: EngineSnapshot, isRefused: boolean): number;
  /**
   * Notes that a ping goes out at `now`, and returns its kind. The next ping waits, because the
   * answer to this one may not have come yet. The other tabs are told, so that they leave the beat
   * to this one.
   */
  ping(now: number, engine: EngineSnapshot): AskKind;
  /**
   * Tells if the clock was set back since it was last read. Instants that lie in the future now are
   * forgotten.
   */
  isSetBack(now: number): boolean;
}

const GOSSIP_EVERY_MS = 30_000;
/**
 * How much longer a tab waits if it has only heard of the activity, so that the tab that saw it
 * posts first.
 */
const YIELD = 2_000;
/**
 * Systems correct their clocks by up to this much now and then. It does not count as a change of
 * the clock.
 */
const SKEW = 1_000;

/** Instants are milliseconds since the epoch, 0 for never. */
export function createPresence(
  { activeWindow, interval, minInterval }: EngineSettings,
  tellOthers: (told: ToldActivity) => void,
): Presence {
  /** Spreads the tabs that know of activity in other tabs, so that only one of them posts. */
  const jitter = Math.random() * 1_000;
  /** The kind of the latest activity in this tab. `touch` counts in hidden pages too. */
  let cause: AskKind = 'activity';
  /** The latest activity in this tab, the latest in another tab, and when that tab told of it. */
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
      // While requests fail the engine sets the pace. It is quicker near the session's end.
      const pace = failures ? minInterval / 4 : minInterval;
      // Another tab asks for this beat. This one does only if no news came and that tab could have
      // asked again.
      const leftTo = otherPingedAt < wakeAt ? 0 : otherPingedAt + pace + YIELD + jitter;
      const earliest = Math.max(wakeAt, pingedAt + pace, leftTo);
      if (isRefused) return earliest;
      const latest = Math.max(own, other);
      if (!(isVisible() || cause === 'touch') || latest <= reportedActivityAt) return Infinity;
      // A tab in use never waits for the activity of other tabs: all tabs tell of theirs, and would
      // put each other off for ever. Activity that another tab tells of looks newer by the time
      // that the message takes.
      const spread = other > reportedActivityAt ? wakeAt + jitter : wakeAt;
      const at = Math.max(earliest, own, own < other - YIELD ? Math.max(wakeAt, heardAt) + YIELD + jitter : spread);
      return at - latest > activeWindow ? Infinity : at;
    },
    ping(now, { wakeAt }) {
      // The other tabs are told once for each beat. A tab whose asks reach no engine must not put
      // them off for ever.
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
