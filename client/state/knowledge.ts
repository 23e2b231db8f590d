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

/** What a tab knows of the session, and tells its audience. */
export interface Knowledge {
  /** The engine's state, as it was told last. */
  engine: EngineSnapshot | undefined;
  end: EndWatch;
  /** The session as the page sees it now. */
  see(): string | null | undefined;
  /** Whether the page sees another session than the engine knows of. */
  isOther(): boolean;
  /**
   * Tells if the engine may know less than the page: the page sees another session, or was rendered
   * for another user and the server has not been asked.
   */
  isUnconfirmed(): boolean;
  /** Takes the engine's state, where it is newer than what is known. `sentAt`: it answers what was asked then. */
  receive(next: EngineSnapshot, sentAt?: number): void;
  /**
   * This page has been answered that the session is over: deletes the readable cookie that still names
   * it. No other page does, and this one at once: the cookie of a login that comes a moment later must
   * not be deleted in its place.
   */
  dropSeen(): void;
  onHost(host: 'worker' | 'page'): void;
  /** The first question is complete that was asked while the page saw `sees`. */
  begin(sees: string | null | undefined): void;
  /** Covers a page whose session may be over, or that sees another one, until it is known what is. */
  doubt(): void;
  /**
   * The page is answered. It need not be covered if the session is alive, unless the page sees another
   * one, or the end has passed and the engine has not asked the server. Without a session it need not be
   * if the page has been drawn again without private data.
   */
  trust(): void;
  /** Tells what has changed, or with `isForced` that the first answer is complete. */
  publish(isForced?: boolean): void;
  add(listener: TabListener): void;
}

/** What answers say that are not the contract's: somebody has to mend something. */
const WRONG = /^(http-4(?!08|29)..|html|redirect|invalid|empty)$/;
/** Answers of a path that is no status route. A portal's say nothing about the path. */
const NO_STATUS = /40[45]|empty/;

/** The news of an end reach some fifty tabs within this time. */
const AFTER_NEWS_MS = 100;

/** `plan` is called after every change. `tab` is the id that this page's asks carry. */
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
  /** The engine's last state, on the engine's clock. `known.engine` is the same on this page's clock. */
  let told: EngineSnapshot | undefined;
  let shift = 0;
  /** The server has confirmed the session since the page started. */
  let hasAnswer = false;
  /** What is wrong, if something is, was so before this page started: its application was not told. */
  let isOld = false;
  /** The page's first answer is complete, and leaves open who is signed in. */
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
    // Until the first answer is complete the engine's state may be older than a sign-in that has led to
    // this page.
    const isEarly = hadSession === null && (known.isUnconfirmed() || isOver(snapshot));
    listener.onChange(snapshot, isEarly ? null : !!hadSession, seen.owner());
  }

  /** Whether a page must be covered: it stays so as long as this holds. */
  const isDoubtful = (engine: EngineSnapshot): boolean => isPast(engine) || known.isOther() || isStranger();

  /** Tells if the page was rendered for another user than the server names, or the server names none. */
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
      // On the engine's own clock: a correction of the page's is no news of the server.
      const isConfirmed = isProof(told, news);
      hasAnswer ||= !!told && isConfirmed;
      told = news;
      const next = inPageTime(news, shift);
      known.engine = next;
      // The page sees what the engine knows, and was rendered for another user, or for one who signs out.
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
      // An answer goes to all tabs. The tab that asked tells of it; the others do not tell of the same
      // trouble again when they ask later. A tab that has told of it before this page started tells of
      // it no more: then this page does so when it asks.
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
      // Many tabs share a thread, and each is to tell its application of an end first.
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
