import type { AskKind, EngineSnapshot, Outcome } from '../../sw/protocol.js';
import type { Audience } from '../audience.js';
import type { ResolvedOptions } from '../options.js';
import { createSeen } from '../seen.js';
import type { TabListener } from '../tab-types.js';
import type { KeepaliveSnapshot } from '../types.js';
import { isNews } from './is-news.js';
import { isOtherSession, isOver, isPast, isProof } from './known-end.js';
import { pageSnapshot, UNKNOWN } from './page-snapshot.js';
import { clockShift, inPageTime } from './page-time.js';
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
  /** Takes the engine's state, where it is newer than what is known. `sentAt`: it answers what was asked then. */
  receive(next: EngineSnapshot, sentAt?: number): void;
  onHost(host: 'worker' | 'page'): void;
  /** The first question is complete that was asked while the page saw `sees`. */
  begin(sees: string | null | undefined): void;
  /** Covers a page whose session may be over, or that sees another one, until it is known what is. */
  doubt(): void;
  /** The session is alive: the page need not be covered, unless it sees another one, or the answer asked nobody and the end has passed. */
  trust(): void;
  /** Tells what has changed, or with `isForced` that the first answer is complete. */
  publish(isForced?: boolean): void;
  add(listener: TabListener): void;
}

/** What answers say that are not the contract's: somebody has to mend something. */
const WRONG = /^(http-4(?!08|29)|html|redirect|invalid)/;

/** The news of an end reach some fifty tabs within this time. */
const AFTER_NEWS_MS = 100;

/** `plan` is called after every change. */
export function createKnowledge(
  options: ResolvedOptions,
  { listeners, tell, trouble, events }: Audience,
  ask: (kind: AskKind) => Promise<Outcome>,
  plan: () => void,
): Knowledge {
  let host: KeepaliveSnapshot['host'] = 'none';
  let snapshot = UNKNOWN;
  let hadSession: boolean | null = null;
  /** The engine's last state, on the engine's clock. `known.engine` is the same on this page's clock. */
  let told: EngineSnapshot | undefined;
  let shift = 0;
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
    for (const listener of listeners) listener.onChange(next, hadSession);
  }

  /** Whether a page must be covered: it stays so as long as this holds. */
  const isDoubtful = (engine: EngineSnapshot): boolean => isPast(engine) || known.isOther();

  const known: Knowledge = {
    engine: undefined,
    end,
    see: seen.read,
    isOther: () => !!known.engine && isOtherSession(known.engine, seen.read()),
    receive(news, sentAt) {
      const at = Date.now();
      if (sentAt && news.at) shift = clockShift(shift, news.at, sentAt, at);
      if (!isNews(told, news, at - shift)) return;
      told = news;
      const before = known.engine;
      const next = inPageTime(news, shift);
      known.engine = next;
      publish();
      if (before && before.epoch.n !== next.epoch.n) events(({ changeOf }) => changeOf(before, next, at));
      const { code } = next.answered;
      if (WRONG.test(code)) trouble(`endpoint-${code.replace('http-', '')}`);
      if (code === 'network' && next.failures > 1 && navigator.onLine) trouble(code);
      if (isProof(before, next)) known.trust();
      if (!isOver(next)) return plan();
      // Many tabs share a thread, and each is to tell its application first. To drop the cookie takes a millisecond in every tab.
      setTimeout(() => {
        if (known.engine === next) seen.drop(next.endedSessionId);
        plan();
      }, AFTER_NEWS_MS);
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
      known.doubt();
      hadSession ??= typeof sees === 'string';
      publish(true);
    },
    doubt() {
      if (known.engine?.status === 'active' && isDoubtful(known.engine)) end.conceal(true);
    },
    trust() {
      if (known.engine?.status === 'active' && !isDoubtful(known.engine)) end.conceal(false);
    },
    publish,
    add(listener) {
      listeners.add(listener);
      listener.onChange(snapshot, hadSession);
      if (end.concealed !== undefined) listener.call('onConceal', end.concealed);
    },
  };
  return known;
}
