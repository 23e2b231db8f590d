import { idleSince, type Limits } from '../record/limits.js';
import type { SessionRecord, SessionStore } from '../store/store.js';
import { type Gap, goBack, inGaps } from './gaps.js';
import { createSilences } from './silences.js';
import type { StoreHealth } from './store-health.js';

/**
 * A silence shorter than this share of the idle limit cannot end a session whose user is there:
 * beats come at least twice in a limit.
 */
const SILENCE_SHARE = 1 / 6;
const LEAST_SILENCE_MS = 1_000;
/**
 * The last time that a user was heard is written down so many times in an idle limit, so that it
 * outlasts the processes.
 */
const NOTED_SHARE = 1 / 20;
const MOST_OUTAGES = 16;
/**
 * A page asks when the limit has passed, by default at most a minute later. Such a check came in
 * time.
 */
const ON_TIME_SHARE = 1 / 20;
const LEAST_ON_TIME_MS = 5_000;
/** Clients come back within that share of the idle limit after an outage. */
const RETURN_SHARE = 1 / 2;

const NOTES = { heard: 'heard', from: 'silence from', to: 'silence to' } as const;

/**
 * Decides which time counts as idle. The clock of all sessions stands still while this process
 * knows that the store is away: no activity could be recorded then. A failure between browsers and
 * this server shows here only as a silence, in which this server heard no user of any session. A
 * client that claims to have asked in vain is believed for the part of that time that lies in
 * silences. If its first attempt fell into a silence, or into an outage of the store, its user was
 * there at that instant: a longer absence would have reset the claim.
 */
export interface IdleClock {
  /** Reads what earlier processes have noted, once. Never rejects. */
  ready(): Promise<void>;
  /** A user's activity was recorded at `at`. */
  heard(at: number): void;
  /** The activity after which a session has not reached its idle limit at `at`. */
  since(at: number, unansweredMs: number): number;
  /** The record with the time given back that does not count. */
  adjust(record: SessionRecord, at: number, unansweredMs: number): SessionRecord;
  /**
   * Tells if the user of a session that has reached its idle limit may have been there: if all
   * silences were outages, the session would still be alive. Then a request without activity must
   * not end it for good. `isOnTime`: the request comes as the limit passes, so its page has missed
   * no answer.
   */
  doubt(record: SessionRecord, at: number): { isOnTime: boolean } | null;
  /**
   * The outages of the store that this process has seen since `from`, with the one that goes on.
   */
  outages(from: number, at: number): Gap[];
}

interface Parts {
  store: Pick<SessionStore, 'recall' | 'remember'>;
  health: Pick<StoreHealth, 'awaySince' | 'onBack'>;
  limits: Limits;
  now: () => number;
  beside: (work: Promise<unknown>) => void;
}

export function createIdleClock({ store, health, limits, now, beside }: Parts): IdleClock {
  const silences = createSilences(Math.max(LEAST_SILENCE_MS, limits.idleMs * SILENCE_SHARE));
  let past: Gap[] = [];
  health.onBack((outage) => {
    past = [...past.slice(1 - MOST_OUTAGES), outage];
  });

  const note = (name: string, value: number, at: number): void => {
    const noted = store.remember({ name, value, now: at, expiresAt: at + limits.absoluteMs });
    // The store's health tells of a failure; what is lost is a minute of evidence.
    beside(noted.catch(() => undefined));
  };

  async function readNotes(): Promise<void> {
    const [heardAt, from, to] = await Promise.all(
      [NOTES.heard, NOTES.from, NOTES.to].map((name) => store.recall(name, now())),
    );
    silences.recall(from != null && to != null ? { from, to } : null, heardAt ?? null);
  }

  let reading: Promise<void> | null = null;
  let notedAt = Number.NEGATIVE_INFINITY;

  const outages = (from: number, at: number): Gap[] => {
    const awaySince = health.awaySince();
    const all = awaySince === null ? past : [...past, { from: awaySince, to: at }];
    return all.filter((outage) => outage.to > from);
  };
  const gaps = (at: number, unansweredMs: number): Gap[] => {
    const from = at - unansweredMs;
    const claimed = silences.until(at).filter(({ to }) => to > from);
    const believed = claimed.map((gap) => ({ from: Math.max(gap.from, from), to: gap.to }));
    return [...outages(Number.NEGATIVE_INFINITY, at), ...believed];
  };
  /** The activity after which a session has not reached its limit, if these gaps do not count. */
  const limitBefore = (standing: readonly Gap[], at: number) => goBack(standing, at, at - idleSince(limits, at));

  /** When the user was there though nothing could be recorded, or `null`. */
  const seenInVain = (at: number, unansweredMs: number): number | null => {
    const first = at - unansweredMs;
    const away = [...outages(first, at), ...silences.until(at)];
    return unansweredMs > 0 && away.some(({ from, to }) => from <= first && first < to) ? first : null;
  };
  /** The activity after which a session had not reached its limit at `first`. */
  const limitInVain = (first: number) => limitBefore(outages(Number.NEGATIVE_INFINITY, first), first);

  return {
    ready() {
      reading ??= readNotes().catch(() => {
        reading = null;
      });
      return reading;
    },
    heard(at) {
      const ended = silences.heard(at);
      if (ended) {
        note(NOTES.from, ended.from, at);
        note(NOTES.to, ended.to, at);
      }
      if (!ended && at - notedAt < limits.idleMs * NOTED_SHARE) return;
      notedAt = at;
      note(NOTES.heard, at, at);
    },
    since(at, unansweredMs) {
      const limit = limitBefore(gaps(at, unansweredMs), at);
      const first = seenInVain(at, unansweredMs);
      return first !== null && first > limit ? Math.min(limit, limitInVain(first)) : limit;
    },
    adjust(record, at, unansweredMs) {
      const first = seenInVain(at, unansweredMs);
      const wasThere = first !== null && record.lastActiveAt > limitInVain(first);
      const lastActiveAt = wasThere ? Math.max(record.lastActiveAt, first) : record.lastActiveAt;
      const givenBack = inGaps(gaps(at, unansweredMs), lastActiveAt, at);
      return { ...record, lastActiveAt: lastActiveAt + givenBack };
    },
    doubt(record, at) {
      const recent = silences.until(at).filter(({ to }) => to > at - limits.idleMs * RETURN_SHARE);
      if (record.lastActiveAt <= limitBefore([...gaps(at, 0), ...recent], at)) return null;
      const onTimeMs = Math.max(LEAST_ON_TIME_MS, limits.idleMs * ON_TIME_SHARE);
      return { isOnTime: record.lastActiveAt > limitBefore(gaps(at, 0), at - onTimeMs) };
    },
    outages,
  };
}
