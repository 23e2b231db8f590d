import type { Answer, RefreshRequest } from '../core/events.js';
import type { State } from '../core/state.js';
import { type Ask, type ChannelMessage, DEFAULT_SETTINGS } from '../protocol.js';
import type { Life } from './fake-host.js';

const { minInterval, activeWindow } = DEFAULT_SETTINGS;
const BURST = 3;
/** Asks that are activity of their own. */
const ACTS = ['extend', 'signed-in'];

const stateOf = (stored: unknown): State | null => (stored ?? null) as State | null;

/**
 * Throws as soon as one of the invariants is broken that hold after each step. Its ledgers know the
 * truth, not the engine's state.
 */
export interface Invariants {
  onAct(): void;
  onAsk(ask: Ask): void;
  onJump(): void;
  onKill(life: Life): void;
  onWrite(before: unknown, after: unknown, life: Life): void;
  onSend(request: RefreshRequest, life: Life, awaited: number): void;
  onAnswer(answer: Answer, life: Life): void;
  onPost(message: ChannelMessage): void;
  /** When the latest request left that was answered with 200, on the clock that nobody sets. */
  readonly confirmedAt: number;
}

/** Whether something waits for a user who is there. */
const isWaiting = (state: State | null): boolean => !!state?.wanted.why && state.wanted.tried;

/**
 * `mixed`: an older engine obeys the records of a newer one. What was asked of it and what it has
 * reported is then in no record, so that I2 and the ends of I4 cannot be told from what is stored:
 * they are left to the other histories.
 */
export function createInvariants(
  now: () => number,
  wall: () => number,
  { tabs, mixed, longestWay }: { tabs: number; mixed: boolean; longestWay: number },
): Invariants {
  let state: State | null = null;
  /** True instants of activity that no confirmed beat has reported. */
  let acts: number[] = [];
  let latestAct = -Infinity;
  /** A clock that jumps makes old activity look new, once in each tab. */
  let jokers = 0;
  /** Asks on their way to the store. */
  let actsOnTheWay = 0;
  let atOnceOnTheWay = 0;
  let signOutsOnTheWay = 0;
  /** Since when an at-once ask waits for an answer. */
  let askedAt: number | null = null;
  let bucket = -Infinity;
  /** Who saved an attempt that may leave now, and when. */
  const charged = new Map<Life, number>();
  let postedEpoch = 0;
  /** The latest request of each engine. */
  const flights = new Map<Life, { at: number; idleMs: number | null }>();
  let endedAt: number | null = null;
  let confirmedAt = -Infinity;
  const judgedOver = new Set<Life>();

  function check(holds: boolean, text: string): void {
    if (!holds) throw new Error(`${text}; at ${now()}, state ${JSON.stringify(state)}`);
  }

  function consume(reportedAt: number): void {
    const left = acts.filter((at) => at > reportedAt);
    if (left.length === acts.length) jokers -= 1;
    acts = left;
  }

  function onStatus(before: State | null, after: State, life: Life): void {
    const ended = after.status === 'expired' || after.status === 'signed-out';
    const same = (before?.status ?? 'unknown') === after.status && (before?.sessionId ?? null) === after.sessionId;
    check(
      mixed || same || after.epoch.n > (before?.epoch.n ?? 0),
      'I5: a change of status or session without a new epoch',
    );
    if (ended && !same) endedAt = now();
    const revived = after.status === 'active' && before?.status !== 'active' && endedAt !== null;
    const sentAt = flights.get(life)?.at ?? -Infinity;
    check(mixed || !revived || sentAt >= (endedAt ?? 0), 'I4: a late answer revives a session');
    if (mixed || !ended || after.status === before?.status) return;
    if (judgedOver.delete(life)) return;
    check(after.status === 'signed-out' && signOutsOnTheWay > 0, 'I4: a session ended without a 401 or a sign-out');
  }

  return {
    get confirmedAt() {
      return confirmedAt;
    },
    onAct() {
      latestAct = now();
      acts.push(latestAct);
    },
    onAsk({ kind, seen }) {
      if (ACTS.includes(kind)) actsOnTheWay += 1;
      if (kind === 'signed-out' || seen === null) signOutsOnTheWay += 1;
      const changed = typeof seen === 'string' && seen !== state?.sessionId;
      if (changed || !['activity', 'visible', 'online', 'touch', 'signed-out'].includes(kind)) atOnceOnTheWay += 1;
    },
    onJump() {
      jokers = tabs;
      bucket = -Infinity;
    },
    onKill(life) {
      charged.delete(life);
    },
    onWrite(stored, next, life) {
      const before = stateOf(stored);
      const after = stateOf(next);
      if (!after) throw new Error('Nothing was stored');
      state = after;
      check(!before || after.epoch.n >= before.epoch.n, 'I6: the epoch went back');
      onStatus(before, after, life);
      if (after.lastActivityAt !== before?.lastActivityAt && after.lastActivityAt === wall() && actsOnTheWay > 0) {
        actsOnTheWay -= 1;
        this.onAct();
      }
      if (after.attemptedAt !== before?.attemptedAt) charged.set(life, now());
      if (after.toldEpoch > (before?.toldEpoch ?? 0)) {
        check(postedEpoch >= after.toldEpoch, 'I6: an epoch is marked as told that nobody was told');
      }
      const reported =
        after.reportedActivityAt !== before?.reportedActivityAt && after.answered.at !== before?.answered.at;
      const flight = flights.get(life);
      if (reported && flight && flight.idleMs !== null) consume(flight.at - flight.idleMs);
      if (after.answered.at !== before?.answered.at && askedAt !== null && flight && flight.at >= askedAt)
        askedAt = null;
      const { wanted } = after;
      // A clock that was set back draws an ask in to the present: that is no new one. One that was
      // tried is open again only if it is asked again.
      const isAsked =
        before?.wanted.tried !== false || wanted.why !== before.wanted.why || wanted.at > before.wanted.at;
      if (!wanted.tried && isAsked) {
        const again = wanted.why === 'again';
        if (again || atOnceOnTheWay > 0) askedAt = now();
        if (!again && atOnceOnTheWay > 0) atOnceOnTheWay -= 1;
      }
    },
    onSend(request, life, awaited) {
      const at = charged.get(life) ?? now();
      const answeredFor = askedAt !== null;
      check(awaited <= 1, 'I1: two requests are awaited at once');
      check(charged.delete(life), 'I6: a request left before its attempt was saved');
      check(at >= bucket - (BURST - 1) * minInterval, 'I6: more attempts than the bucket allows');
      bucket = Math.max(bucket, at) + minInterval;
      const isUser = request.kind === 'beat' && request.activity === 'user';
      flights.set(life, { at, idleMs: isUser ? request.idleMs : null });
      if (mixed) {
        return;
      }
      const isThere = at - latestAct <= activeWindow + longestWay || jokers > 0;
      if (isUser) {
        const fresh = acts.length > 0 || jokers > 0;
        check(fresh, 'I2: a beat reports activity that was reported before, or none at all');
        check(isThere || answeredFor, 'I2: an absent user beats');
      } else {
        const waited = isWaiting(state) && isThere;
        check(answeredFor || waited, 'I2: a request that nobody asked for and nobody caused');
      }
      const over = state?.status === 'expired' || state?.status === 'signed-out';
      check(!over || answeredFor || (isWaiting(state) && isThere), 'I4: a beat after the end');
    },
    onAnswer(answer, life) {
      judgedOver.delete(life);
      if (answer.kind === 'over') judgedOver.add(life);
      const flight = flights.get(life);
      if (answer.kind === 'alive' && flight) confirmedAt = flight.at;
    },
    onPost(message) {
      check(!JSON.stringify(message).includes('secret'), 'I7: a secret in a message');
      if (message.type === 'news') postedEpoch = Math.max(postedEpoch, message.payload.snapshot.epoch.n);
    },
  };
}
