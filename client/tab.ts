import type { Ask, AskKind, ChannelMessage, EngineSnapshot, Outcome } from '../sw/protocol.js';
import { arrivedAt } from './activity/arrival.js';
import { noticeActivity } from './activity/notice-activity.js';
import { type Presence, pingDue } from './activity/ping-due.js';
import { newsChannel } from './news-channel.js';
import type { ResolvedOptions } from './options.js';
import { pageEvents } from './page-events.js';
import type { Trouble } from './rare/trouble.js';
import { createSeen } from './seen.js';
import { isNews } from './state/is-news.js';
import { isOtherSession, isPast, isProof } from './state/known-end.js';
import { pageSnapshot, UNKNOWN } from './state/page-snapshot.js';
import { watchEnd } from './state/watch-end.js';
import type { Tab, TabListener } from './tab-types.js';
import { connect } from './transport/connect.js';
import type { KeepaliveEvent, KeepaliveSnapshot } from './types.js';

const GOSSIP_EVERY = 30_000;
/** A clock is corrected by so much every now and then: that is no change of the clock. */
const SKEW = 1_000;
const LONGEST_TIMER = 2 ** 31 - 1;

/** What runs once in a page for all instances of one name, from the first `start()` to the last `stop()`. */
export function startTab(options: ResolvedOptions): Tab {
  const { settings, name } = options;
  const id = Math.random().toString(36).slice(2);
  const jitter = Math.random() * 1_000;
  const listeners = new Set<TabListener>();
  const reported = new Set<string>();
  const presence: Presence = { own: arrivedAt(), other: 0, heardAt: 0, touched: false, quietUntil: 0 };
  let cause: AskKind = 'activity';
  let engine: EngineSnapshot | undefined;
  let host: KeepaliveSnapshot['host'] = 'none';
  let snapshot = UNKNOWN;
  let hadSession: boolean | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isAway = false;
  /** Asks of this page without an outcome: no ping joins what is on its way already. */
  let flying = 0;
  /** From here on one does: the worker may have died in the middle, and no event tells a page. A living one joins it to what is on its way. */
  let stalledAt = 0;
  let isRefused = false;
  let gossipedAt = 0;
  let clockReadAt = 0;
  let lookedFor = '';
  let helloing: { sees: Ask['seen'] } | undefined;
  /** Events in the order of what happened, though what makes them is loaded when the first is told. */
  let telling = Promise.resolve();

  /** Whether the browser tells of a changed cookie, so that activity need not read it: that takes a third of a millisecond. */
  const hearsCookie = !options.session && 'cookieStore' in window;

  const isVisible = (): boolean => document.visibilityState === 'visible';
  const each = (call: (listener: TabListener) => void): void => listeners.forEach(call);
  const tell = (event: KeepaliveEvent): void => each((listener) => listener.onEvent?.(event));

  /** Finds out, tells the application and explains, in a chunk of its own; where that does not load, the next trouble tries again. */
  function onTrouble(trouble: Trouble, cause?: unknown): void {
    if (reported.has(trouble)) return;
    import('./rare/trouble.js')
      .then(({ report }) =>
        report(trouble, cause, options, reported, (error) => {
          tell({ type: 'error', at: Date.now(), code: error.code, message: error.message });
          each((listener) => listener.onError(error));
        }),
      )
      .catch(() => undefined);
  }

  const seen = createSeen(options, (error) => onTrouble('session-option', error));
  const connection = connect(options, {
    onHost(next) {
      if (host === next) return;
      host = next;
      tell({ type: 'host', at: Date.now(), host: next });
      publish();
    },
    onTrouble,
    onMessage,
  });
  const channel = newsChannel(name, onMessage);
  const notice = noticeActivity(options.activityEvents, options.activityResolution, () => noted('activity'));
  const end = watchEnd(
    () => engine,
    settings.warnBefore,
    ask,
    (concealed) => each((listener) => listener.onConceal(concealed)),
    plan,
  );

  function makeAsk(kind: AskKind): Ask {
    const latest = Math.max(presence.own, presence.other);
    return {
      kind,
      tab: id,
      seen: seen.read(),
      visible: isVisible(),
      activityAge: latest ? Math.max(0, Date.now() - latest) : Infinity,
      online: navigator.onLine !== false,
      ...(kind === 'hello' && { settings }),
    };
  }

  async function ask(kind: AskKind): Promise<Outcome> {
    flying += 1;
    stalledAt = Date.now() + settings.minInterval;
    const outcome = await connection.ask(
      () => makeAsk(kind),
      (next) => receive(next, true),
    );
    flying -= 1;
    // A page that was stopped or put away meanwhile looks at nothing any more.
    if (isAway) return outcome;
    isRefused = engine?.wanted.tried === false;
    if (outcome === 'alive' && engine?.status === 'active' && !isOtherSession(engine, seen.read())) end.lift();
    plan();
    return outcome;
  }

  /** One at a time for what the page sees: a later one that sees another session never joins an earlier. */
  function hello(): void {
    const sees = seen.read();
    if (helloing && helloing.sees === sees) return;
    const own = { sees };
    helloing = own;
    void ask('hello').then(() => {
      if (helloing === own) helloing = undefined;
      doubt();
      hadSession ??= typeof sees === 'string';
      publish(true);
    });
  }

  /** Covers what may be over, or another's, until that is known. */
  function doubt(): void {
    if (engine?.status === 'active' && (isPast(engine) || isOtherSession(engine, seen.read()))) end.conceal();
  }

  function look(isCalled = false): void {
    if (!engine) {
      // The first question was never answered.
      if (!isAway) hello();
      return;
    }
    const mark = `${seen.read()} ${engine.epoch.n}`;
    const isOther = isOtherSession(engine, seen.read());
    if (isCalled ? isOther || engine.status !== 'active' : isOther && mark !== lookedFor) {
      lookedFor = mark;
      hello();
    }
  }

  function gossip(isLast: boolean): void {
    const now = Date.now();
    if (presence.own > gossipedAt && (isLast || now - gossipedAt >= GOSSIP_EVERY)) {
      gossipedAt = now;
      channel.tellActivity(Math.max(0, now - presence.own));
    }
  }

  function noted(by: AskKind): void {
    cause = by;
    presence.own = Date.now();
    presence.touched = by === 'touch';
    gossip(false);
    if (!hearsCookie) look();
    plan();
  }

  function receive(next: EngineSnapshot, isReply: boolean): void {
    const isNewer = isNews(engine, next);
    if (isNewer === 'foreign' && !isReply) {
      // A tab that shares nothing speaks for itself alone. Of a new storage our own answer tells the truth.
      if (next.shared && lookedFor !== next.epoch.store) {
        lookedFor = next.epoch.store;
        hello();
      }
      return;
    }
    if (!isNewer) return;
    const before = engine;
    engine = next;
    publish();
    if (before && before.epoch.n !== next.epoch.n) tellChange(before, next);
    const { code } = next.answered;
    if (/^(http-4(?!08|29)|html|redirect|invalid)/.test(code)) onTrouble(`endpoint-${code.replace('http-', '')}`);
    if (code === 'network' && next.failures > 1 && navigator.onLine) onTrouble(code);
    if (end.concealed && isProof(before, next) && !isOtherSession(engine, seen.read())) end.lift();
    if (next.status === 'expired' || next.status === 'signed-out') seen.drop(next.endedSessionId);
    plan();
  }

  function tellChange({ user }: EngineSnapshot, { status, reason, sessionId, ...next }: EngineSnapshot): void {
    const at = Date.now();
    const userChanged = !!user && !!next.user && user !== next.user;
    if (status === 'active') void telling.then(() => tell({ type: 'session', at, sessionId, userChanged }));
    else if (status !== 'unknown') void telling.then(() => tell({ type: 'end', at, status, reason }));
  }

  function onMessage(message: ChannelMessage): void {
    const now = Date.now();
    if (message.type === 'look') look(true);
    else if (message.type === 'activity') {
      presence.other = Math.max(presence.other, now - message.payload.age);
      presence.heardAt = now;
      plan();
    } else {
      const { snapshot: next, facts } = message.payload;
      if ([...listeners].some(({ onEvent }) => onEvent))
        telling = import('./rare/events-of.js')
          .then(({ eventsOf }) => facts.flatMap((fact) => eventsOf(fact, next)).forEach(tell))
          .catch(() => undefined);
      receive(next, false);
    }
  }

  function publish(isForced = false): void {
    const next = pageSnapshot(snapshot, engine, host, end.ending());
    if (next === snapshot && !isForced) return;
    snapshot = next;
    each((listener) => listener.onChange(next, hadSession));
  }

  /**
   * Rule 4 in the page: a clock that reads earlier than before was set back. What lies ahead now never was, and the server is asked what is
   * left: till then the page would keep still for as long as the clock was set back.
   */
  function readClock(): number {
    const now = Date.now();
    const isSetBack = now < clockReadAt - SKEW;
    clockReadAt = now;
    if (isSetBack) {
      for (const key of ['own', 'other', 'heardAt', 'quietUntil'] as const) if (presence[key] > now) presence[key] = 0;
      stalledAt = 0;
      gossipedAt = 0;
      void ask('check');
    }
    return now;
  }

  /** Does what is due and sets one timer for what comes next. Idempotent: called after every change. */
  function plan(): void {
    clearTimeout(timer);
    if (isAway) return;
    const now = readClock();
    let next = end.check(now);
    const due = !engine
      ? Infinity
      : isRefused && !engine.wanted.tried
        ? Math.max(engine.wakeAt, presence.quietUntil)
        : pingDue(presence, engine, settings.activeWindow, isVisible(), jitter);
    const pingAt = flying ? Math.max(due, stalledAt) : due;
    if (pingAt <= now) {
      presence.quietUntil = now + settings.minInterval;
      void ask(cause);
      cause = 'activity';
    } else next = Math.min(next, pingAt);
    publish();
    // Timers are 32 bits wide: a longer one would fire at once.
    if (next < Infinity) timer = setTimeout(plan, Math.min(next - now, LONGEST_TIMER));
  }

  /** What was asked before the page stood still says nothing about now. */
  function onResume(): void {
    helloing = undefined;
    hello();
  }

  const undo = pageEvents({
    onVisible() {
      doubt();
      end.retry();
      noted('visible');
    },
    onHidden() {
      notice.flush();
      gossip(true);
    },
    onOnline() {
      end.retry();
      const isDue = engine && (engine.failures || engine.wakeAt <= Date.now());
      if (isDue && isVisible()) void ask('online');
      else plan();
    },
    onLeave() {
      notice.flush();
      gossip(true);
      isAway = true;
      clearTimeout(timer);
      channel.close();
    },
    onReturn() {
      isAway = false;
      channel.open();
      doubt();
      onResume();
    },
    onResume,
    onCookie: () => look(),
  });

  channel.open();
  notice.observe(window);
  const begin = (): void => {
    presence.own = arrivedAt();
    if (!isAway) hello();
  };
  // After the caller's own work; a prerendered page when somebody may be looking.
  if ((document as { prerendering?: boolean }).prerendering)
    document.addEventListener('prerenderingchange', begin, { once: true });
  else queueMicrotask(begin);

  return {
    ask,
    look: () => look(true),
    touch: () => noted('touch'),
    observe: notice.observe,
    add(listener) {
      listeners.add(listener);
      listener.onChange(snapshot, hadSession);
      if (end.concealed) listener.onConceal(true);
      return () => listeners.delete(listener);
    },
    async stop(forget) {
      isAway = true;
      clearTimeout(timer);
      undo();
      notice.stop();
      channel.close();
      if (forget) await connection.forget();
    },
  };
}
