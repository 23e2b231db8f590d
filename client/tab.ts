import type { AskKind, ChannelMessage } from '../sw/protocol.js';
import { arrivedAt, isVisible } from './activity/arrival.js';
import { noticeActivity } from './activity/notice-activity.js';
import type { ResolvedOptions } from './options.js';
import { createAgenda } from './ping/ping-scheduler.js';
import { createPresence } from './ping/presence.js';
import { createLook } from './ping/session-probe.js';
import { isForeign } from './state/is-news.js';
import { createKnowledge } from './state/knowledge.js';
import { createAudience } from './state/listeners.js';
import type { Tab } from './tab-types.js';
import { connect } from './transport/connect.js';
import { newsChannel } from './transport/news-channel.js';

/**
 * The idle limit that is assumed until the server has told one. OWASP's Session Management Cheat
 * Sheet gives it as the shortest limit that is common for applications of low risk.
 */
const UNTOLD_IDLE_LIMIT_SECONDS = 900;

/**
 * Starts the part that runs once in a page for all instances of one name, from the first `start()`
 * to the last `stop()`.
 */
export function startTab(options: ResolvedOptions): Tab {
  const { cookieStore } = window as { cookieStore?: EventTarget };
  const { prerendering } = document as { prerendering?: boolean };
  const stopping = new AbortController();
  const { signal } = stopping;
  /** Each function adds one listener. A second call of it changes nothing. */
  const life: (() => void)[] = [];

  const id = Math.random().toString(36).slice(2);
  const audience = createAudience(options);
  const { listeners, trouble } = audience;
  const known = createKnowledge(options, audience, (kind) => ask(kind), plan, id);
  const { end } = known;
  const channel = newsChannel(options.name, onMessage);
  const presence = createPresence(options.settings, channel.tellActivity);
  const notice = noticeActivity(
    options.activityEvents,
    options.activityResolution,
    (age) => noted('activity', age),
    idleLimit,
    listenAgain,
  );
  const connection = connect(options, { onHost: known.onHost, onTrouble: trouble, onMessage });
  const agenda = createAgenda(options, known, presence, connection.ask, id);
  const { ask } = agenda;
  const { hello, again, look, meet } = createLook(known, ask);

  function plan(): void {
    agenda.plan();
  }

  function listenAgain(): void {
    for (const listen of life) listen();
  }

  /** The session's idle limit in milliseconds, as far as the server has told. */
  function idleLimit(): number {
    const { idleTimeout, idleExpiresIn } = known.engine?.facts ?? {};
    return 1_000 * (idleTimeout || idleExpiresIn || UNTOLD_IDLE_LIMIT_SECONDS);
  }

  function noted(by: AskKind, age = 0): void {
    presence.note(by, Date.now() - age);
    presence.gossip(false);
    // Reading the cookie takes a third of a millisecond. If the browser tells of a changed cookie,
    // activity need not read it.
    if (options.session || !cookieStore || !known.engine) look();
    plan();
  }

  function onMessage(message: ChannelMessage): void {
    if (message.type === 'look') look(true);
    else if (message.type === 'activity') {
      presence.hear(message.payload);
      plan();
    } else {
      const { snapshot, facts } = message.payload;
      audience.events(({ eventsOf }) => facts.flatMap((fact) => eventsOf(fact, snapshot)));
      if (isForeign(known.engine, snapshot)) meet(snapshot);
      else known.receive(snapshot);
    }
  }

  /** The last moment at which this page can do anything, perhaps for a long time. */
  function onHidden(): void {
    notice.flush();
    presence.gossip(true);
  }

  function leave(): void {
    agenda.pause(true);
    channel.close();
  }

  /** Listens to the events of the page's life until the tab stops. */
  const on = (target: EventTarget | undefined, type: string, listener: (event: Event) => void): void => {
    const listen = (): void => target?.addEventListener(type, listener, { signal });
    life.push(listen);
    listen();
  };

  let wasVisible = isVisible();
  // Scripts dispatch this event too, to make other scripts check for news. A page comes back only
  // if it was hidden before.
  on(document, 'visibilitychange', () => {
    if (!isVisible()) onHidden();
    else if (!wasVisible) {
      known.doubt();
      end.retry();
      noted('visible');
    }
    wasVisible = isVisible();
  });
  on(window, 'online', () => {
    end.retry();
    const { engine } = known;
    if (engine && (engine.failures || engine.wakeAt <= Date.now()) && isVisible()) void ask('online');
    else plan();
  });
  on(cookieStore, 'change', () => look());
  // The page was frozen.
  on(document, 'resume', again);
  // The page goes away, perhaps into the back/forward cache. `pageshow` tells if it comes back.
  on(window, 'pagehide', () => {
    onHidden();
    leave();
  });
  on(window, 'pageshow', (event) => {
    if (!(event as PageTransitionEvent).persisted) return;
    agenda.pause(false);
    channel.open();
    known.doubt();
    again();
  });

  const begin = (): void => {
    if (signal.aborted) return;
    channel.open();
    presence.note('activity', arrivedAt());
    hello();
  };
  notice.observe(window);
  // The tab begins after the caller's own code. A prerendered page begins when it is activated:
  // before that it cannot reach the worker.
  if (prerendering) on(document, 'prerenderingchange', begin);
  else queueMicrotask(begin);

  return {
    ask,
    look: () => look(true),
    touch: () => noted('touch'),
    observe: notice.observe,
    add: known.add,
    remove(listener) {
      listeners.delete(listener);
      return listeners.size;
    },
    async stop(forget) {
      leave();
      stopping.abort();
      notice.stop();
      if (forget) await connection.forget();
    },
  };
}
