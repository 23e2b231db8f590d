import type { Ask, AskKind, ChannelMessage, EngineSnapshot, ErrorCode, Outcome } from '../sw/protocol.js';
import { arrivedAt } from './activity/arrival.js';
import { noticeActivity } from './activity/notice-activity.js';
import { type Presence, pingDue } from './activity/ping-due.js';
import { keepaliveError } from './errors.js';
import { newsChannel } from './news-channel.js';
import type { ResolvedOptions } from './options.js';
import { pageEvents } from './page-events.js';
import { createSeen } from './seen.js';
import { isNews } from './state/is-news.js';
import { isOtherSession } from './state/is-other-session.js';
import { isPast, isProof } from './state/known-end.js';
import { pageSnapshot, UNKNOWN } from './state/page-snapshot.js';
import { watchEnd } from './state/watch-end.js';
import type { Tab, TabListener } from './tab-types.js';
import { connect } from './transport/connect.js';
import type { KeepaliveEvent, KeepaliveSnapshot } from './types.js';
import { whenActivated } from './when-activated.js';

const GOSSIP_EVERY = 30_000;
const LONGEST_TIMER = 2 ** 31 - 1;

/** What runs once in a page for all instances of one name, from the first `start()` to the last `stop()`. */
export function startTab(options: ResolvedOptions): Tab {
  const { settings, name } = options;
  const id = Math.random().toString(36).slice(2);
  const jitter = Math.random() * 1_000;
  const listeners = new Set<TabListener>();
  const reported = new Set<ErrorCode>();
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
  let isRefused = false;
  let isFailing = false;
  let gossipedAt = 0;
  let lookedFor = '';
  let helloing: Promise<Outcome> | undefined;

  const isVisible = (): boolean => document.visibilityState === 'visible';
  const tell = (event: KeepaliveEvent): void => {
    for (const listener of listeners) listener.onEvent(event);
  };

  function report(code: ErrorCode, cause?: unknown): void {
    if (reported.has(code)) return;
    reported.add(code);
    const error = keepaliveError(code, cause);
    tell({ type: 'error', at: Date.now(), code, message: error.message });
    for (const listener of listeners) listener.onError(error);
    if (/^(localhost|.+\.localhost|127\..+|\[::1\])$/.test(location.hostname)) {
      import('./explain.js').then(({ explain }) => explain(code, options)).catch(() => undefined);
    }
  }

  const seen = createSeen(options, (error) => report('session-option', error));
  const connection = connect(options, {
    onHost(next, why) {
      if (host === next) return;
      host = next;
      tell({ type: 'host', at: Date.now(), host: next, why });
      publish();
    },
    onError: report,
    onMessage,
  });
  const channel = newsChannel(name, onMessage);
  const notice = noticeActivity(options.activityEvents, options.activityResolution, () => noted('activity'));
  const end = watchEnd(
    () => engine,
    settings.warnBefore,
    ask,
    (concealed) => {
      for (const listener of listeners) listener.onConceal(concealed);
    },
    plan,
  );

  function makeAsk(kind: AskKind): Ask {
    const latest = Math.max(presence.own, presence.other);
    return {
      kind,
      tab: id,
      seen: seen.read(),
      visible: isVisible(),
      activityAge: latest ? Math.max(0, Date.now() - latest) : null,
      online: navigator.onLine !== false,
      ...(kind === 'hello' && { settings }),
    };
  }

  async function ask(kind: AskKind): Promise<Outcome> {
    flying += 1;
    const outcome = await connection.ask(
      () => makeAsk(kind),
      (next) => receive(next, true),
    );
    flying -= 1;
    isRefused = !!engine?.wanted;
    if (outcome === 'alive' && engine?.status === 'active') end.lift();
    plan();
    return outcome;
  }

  function hello(): Promise<Outcome> {
    const before = seen.read();
    helloing ??= ask('hello').then((outcome) => {
      helloing = undefined;
      hadSession ??= typeof before === 'string';
      publish(true);
      return outcome;
    });
    return helloing;
  }

  function look(isCalled = false): void {
    if (!engine) {
      // The first question was never answered.
      if (!isAway) void hello();
      return;
    }
    const mark = `${seen.read()} ${engine.epoch.n}`;
    const isOther = isOtherSession(engine, seen.read());
    if (isCalled ? isOther || engine.status !== 'active' : isOther && mark !== lookedFor) {
      lookedFor = mark;
      void hello();
    }
  }

  function gossip(isLast: boolean): void {
    const now = Date.now();
    if (presence.own > gossipedAt && (isLast || now - gossipedAt >= GOSSIP_EVERY)) {
      gossipedAt = now;
      channel.tellActivity(id, Math.max(0, now - presence.own));
    }
  }

  function noted(by: AskKind): void {
    cause = by;
    presence.own = Date.now();
    presence.touched = by === 'touch';
    gossip(false);
    look();
    plan();
  }

  function receive(next: EngineSnapshot, isReply: boolean): void {
    const isNewer = isNews(engine, next);
    if (isNewer === 'foreign' && !isReply) {
      // A tab that shares nothing speaks for itself alone. Of a new storage our own answer tells the truth.
      if (next.shared && lookedFor !== next.epoch.store) {
        lookedFor = next.epoch.store;
        void hello();
      }
      return;
    }
    if (!isNewer) return;
    const before = engine;
    engine = next;
    publish();
    if (end.concealed && isProof(before, next) && !isOtherSession(engine, seen.read())) end.lift();
    if (next.status === 'expired' || next.status === 'signed-out') seen.drop(next.endedSessionId);
    plan();
  }

  function onMessage(message: ChannelMessage): void {
    const now = Date.now();
    if (message.type === 'look') look(true);
    else if (message.type === 'activity') {
      presence.other = Math.max(presence.other, now - message.payload.age);
      presence.heardAt = now;
      plan();
    } else {
      const { snapshot: next, events, error } = message.payload;
      for (const event of events) {
        if (event.type === 'answer') isFailing = event.outcome === 'offline' || event.outcome === 'unavailable';
        tell(event);
      }
      if (error) report(error);
      receive(next, false);
    }
  }

  function publish(isForced = false): void {
    const next = pageSnapshot(snapshot, engine, host, end.ending());
    if (next === snapshot && !isForced) return;
    snapshot = next;
    for (const listener of listeners) listener.onChange(next, hadSession);
  }

  /** Does what is due and sets one timer for what comes next. Idempotent: called after every change. */
  function plan(): void {
    clearTimeout(timer);
    if (isAway) return;
    const now = Date.now();
    let next = end.check(now);
    const due =
      engine &&
      !flying &&
      (isRefused && engine.wanted && engine.wakeAt
        ? Math.max(engine.wakeAt, presence.quietUntil)
        : pingDue(presence, engine, settings.activeWindow, isVisible(), jitter));
    if (typeof due === 'number' && due <= now) {
      presence.quietUntil = now + settings.minInterval;
      void ask(cause);
      cause = 'activity';
    } else if (typeof due === 'number') next = Math.min(next, due);
    publish();
    // Timers are 32 bits wide: a longer one would fire at once.
    if (next < Infinity) timer = setTimeout(plan, Math.min(next - now, LONGEST_TIMER));
  }

  const undo = pageEvents({
    onVisible() {
      end.retry();
      noted('visible');
    },
    onHidden: () => gossip(true),
    onOnline() {
      end.retry();
      const isDue = engine?.wakeAt != null && (isFailing || engine.wakeAt <= Date.now());
      if (isDue && isVisible()) void ask('online');
      else plan();
    },
    onLeave() {
      gossip(true);
      isAway = true;
      clearTimeout(timer);
      channel.close();
    },
    onReturn() {
      isAway = false;
      channel.open();
      if (engine?.status === 'active' && (isPast(engine) || isOtherSession(engine, seen.read()))) end.conceal();
      void hello();
    },
    onResume: () => void hello(),
    onCookie: () => look(),
  });

  channel.open();
  notice.observe(window);
  whenActivated((wasPrerendered) => {
    if (wasPrerendered) presence.own = arrivedAt();
    if (!isAway) void hello();
  });

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
