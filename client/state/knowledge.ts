import type { AskKind, EngineSnapshot, Outcome } from '../../sw/protocol.js';
import type { ResolvedOptions } from '../options.js';
import type { TabListener } from '../tab-types.js';
import type { KeepaliveSnapshot } from '../types.js';
import { isNews } from './is-news.js';
import { isOtherSession, isOver, isPast, isProof } from './known-end.js';
import type { Audience } from './listeners.js';
import { pageSnapshot, UNKNOWN } from './page-snapshot.js';
import { clockShift, inPageTime } from './page-time.js';
import { createSeen } from './seen-session.js';
import { type EndWatch, watchEnd } from './watch-end.js';

/** Keeps what a tab knows of the session, and tells its listeners of changes. */
export interface Knowledge {
  /** The latest state that the engine has told. */
  engine: EngineSnapshot | undefined;
  end: EndWatch;
  /** Returns the session that the page sees now. */
  see(): string | null | undefined;
  /** Tells if the page sees another session than the engine's. */
  isOther(): boolean;
  /**
   * Tells if the engine may know less than the page: the page sees another session, or was rendered
   * for another user and the server has not been asked.
   */
  isUnconfirmed(): boolean;
  /**
   * Takes the engine's state if it is newer than the known one. `sentAt`: it answers an ask that
   * was sent then.
   */
  receive(next: EngineSnapshot, sentAt?: number): void;
  /**
   * Deletes the readable cookie that still names a session that is over. Only the page that got
   * that answer does so, and at once: it must not delete the cookie of a login that comes a moment
   * later.
   */
  dropSeen(): void;
  onHost(host: 'worker' | 'page'): void;
  /** The first `hello` is answered. `sees` is the session that the page saw when it asked. */
  begin(sees: string | null | undefined): void;
  /** Covers a page whose session may be over, or that sees another one, until the engine knows. */
  doubt(): void;
  /**
   * Uncovers the page after an answer, if the session is alive. It stays covered if the page sees
   * another session, or if the end has passed and the engine has not asked the server. Without a
   * session it is uncovered only if it was rendered again without private data.
   */
  trust(): void;
  /**
   * Tells the listeners of a change. With `isForced` it tells them that the first answer is
   * complete.
   */
  publish(isForced?: boolean): void;
  add(listener: TabListener): void;
}

/** The codes of answers that are not the contract's, so that a developer has to mend something. */
const WRONG = /^(http-4(?!08|29)..|html|redirect|invalid|empty)$/;
/**
 * The codes of answers of a path that is no status route. A captive portal's say nothing about it.
 */
const NO_STATUS = /40[45]|empty/;

/** The milliseconds in which the news of an end reach some fifty tabs. */
const AFTER_NEWS_MS = 100;

/**
 * Makes the knowledge of a tab that knows nothing yet.
 *
 * @param plan Called after every change.
 * @param tab The id that this page's asks carry.
 */
export function createKnowledge(
  options: ResolvedOptions,
  { listeners, tell, trouble, toldElsewhere, events }: Audience,
  ask: (kind: AskKind) => Promise<Outcome>,
  plan: () => void,
  tab: string,
): Knowledge {
  const startedAt = Date.now();
  let host: KeepaliveSnapshot['host'] = 'none';
  let snapshot = UNKNOWN;
  let hadSession: boolean | null = null;
  /**
   * The engine's last state, on the engine's clock. `known.engine` is the same on this page's
   * clock.
   */
  let told: EngineSnapshot | undefined;
  let shift = 0;
  /** The server has confirmed the session since the page started. */
  let hasAnswer = false;
  /** The present fault, if any, began before this page started, so its application was not told. */
  let isOld = false;
  /** The page's first answer is complete, but does not tell who is signed in. */
  let isHeldBack = false;
  const seen = createSeen(options, (error) => trouble('session-option', error));
  const end = watchEnd(
    () => known.engine,
    options.settings.warnBefore,
    ask,
    (concealed) => tell('onConceal', concealed),
    plan,
  );

  function publish(isForced?: boolean): void {
    const next = pageSnapshot(snapshot, known.engine, host, end.ending());
    if (next === snapshot && !isForced) return;
    snapshot = next;
    for (const listener of listeners) show(listener);
  }

  function show(listener: TabListener): void {
    // Until the first answer is complete, the engine's state may be older than the sign-in that has
    // led to this page.
    const isEarly = hadSession === null && (known.isUnconfirmed() || isOver(snapshot));
    listener.onChange(snapshot, isEarly ? null : !!hadSession, seen.owner());
  }

  /** Tells if a page must be covered, and stay so. */
  const isDoubtful = (engine: EngineSnapshot): boolean => isPast(engine) || known.isOther() || isStranger();

  /**
   * Tells if the page was rendered for another user than the server names, or the server names
   * none.
   */
  function isStranger(): boolean {
    const owner = known.engine?.status === 'active' && seen.owner();
    return !!owner && owner !== known.engine?.user;
  }

  const known: Knowledge = {
    engine: undefined,
    end,
    see: seen.read,
    isUnconfirmed() {
      const isKnown = known.engine && known.engine.status !== 'unknown';
      // A tab that has stopped reads nothing any more.
      return !!isKnown && listeners.size > 0 && (known.isOther() || (!hasAnswer && isStranger()));
    },
    isOther: () => !!known.engine && isOtherSession(known.engine, seen.read()),
    receive(news, sentAt) {
      const at = Date.now();
      if (sentAt && news.at) shift = clockShift(shift, news.at, sentAt, at);
      if (!isNews(told, news, at - shift)) return;
      const before = known.engine;
      // Compared on the engine's own clock: a correction of the page's clock is no news of the
      // server.
      const isConfirmed = isProof(told, news);
      hasAnswer ||= !!told && isConfirmed;
      told = news;
      const next = inPageTime(news, shift);
      known.engine = next;
      // The page sees what the engine knows, and was rendered for another user, or for one who
      // signs out.
      const isLeft = next.status === 'signed-out' && hadSession !== null && seen.owner();
      if ((isLeft || isStranger()) && !known.isOther()) end.conceal(true);
      publish();
      if (before && before.epoch.n !== next.epoch.n) events(({ changeOf }) => changeOf(before, next, at));
      const { answered, failures, user } = next;
      const { code, kind } = answered;
      const isEarlier = answered.at + shift < startedAt;
      isOld = before
        ? isOld && before.epoch.n === next.epoch.n && before.failures > 0 === failures > 0
        : isEarlier || failures > 1;
      seen.expect(answered.cookie);
      // An answer goes to all tabs. The tab that asked tells its application of a problem. The
      // others do not tell of the same problem again when they ask later. If the problem is older
      // than this page, the tab that told of it may be gone: then this page tells of it when it
      // asks.
      const isOwn = (answered.tab ?? tab) === tab;
      const meet = isOwn ? trouble : isEarlier || isOld ? () => undefined : toldElsewhere;
      if (WRONG.test(code)) {
        const route = kind === 'check' && NO_STATUS.test(code) ? 'status' : 'endpoint';
        meet(`${route}-${code.replace('http-', '')}`);
      }
      if (code === 'network' && failures > 1 && navigator.onLine) meet(code);
      if (isConfirmed && options.expectsCookie && seen.read() === undefined) meet('cookie-missing');
      const isNew = before && before.status !== 'unknown' && before.epoch.n !== next.epoch.n;
      if (isOwn && isConfirmed && user === null && (isNew || isStranger())) trouble('user-unknown');
      if (isHeldBack) known.begin(seen.read());
      if (isConfirmed) known.trust();
      // Many tabs share a thread. Each tells its application of an end before it plans anything.
      if (isOver(next)) setTimeout(plan, AFTER_NEWS_MS);
      else plan();
    },
    dropSeen() {
      const { engine } = known;
      if (engine && isOver(engine)) seen.drop(engine.endedSessionId);
    },
    onHost(next) {
      if (host === next) return;
      host = next;
      tell('onEvent', { type: 'host', at: Date.now(), host: next });
      publish();
    },
    begin(sees) {
      // The tab has stopped meanwhile.
      if (!listeners.size) return;
      const { engine } = known;
      known.doubt();
      isHeldBack = known.isUnconfirmed();
      if (isHeldBack) return;
      if (engine && isOver(engine) && seen.owner()) end.conceal(true);
      // A page that cannot see its session may have had one, unless it shows no private data.
      hadSession ??= sees === undefined ? seen.owner() !== null : sees !== null;
      publish(true);
    },
    doubt() {
      if (known.engine?.status === 'active' && isDoubtful(known.engine)) end.conceal(true);
    },
    trust() {
      const { engine } = known;
      const isClear = engine?.status === 'active' ? !isDoubtful(engine) : seen.owner() === null;
      if (engine && isClear) end.conceal(false);
    },
    publish,
    add(listener) {
      listeners.add(listener);
      show(listener);
      if (end.concealed !== undefined) listener.call('onConceal', end.concealed);
    },
  };
  return known;
}
