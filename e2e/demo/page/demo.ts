import { createKeepalive } from '../../../client/index.js';
import type { KeepaliveOptions, KeepaliveSnapshot } from '../../../client/types.js';
import { type AloneSession, watchAloneSession } from './alone-session.js';
import { runApplicationForm } from './application-form.js';
import { createBreakers } from './breakers.js';
import { createChart } from './chart.js';
import { coach } from './coach.js';
import type { DemoConfig } from './config.js';
import { openDemoChannel } from './demo-channel.js';
import type { DemoEvent, Tone } from './demo-event.js';
import { type DemoStatus, readName, readStatus } from './demo-server.js';
import { byId, setText } from './dom.js';
import { formatSeconds, secondsLeft } from './format.js';
import { keepaliveOptions } from './keepalive-options.js';
import { listenAlong } from './listen-along.js';
import { createOverlays } from './overlays.js';
import { showOpenTabs } from './own-tab.js';
import { createSessionCard } from './session-card.js';
import { runSignOut } from './sign-out.js';
import { createTimeline } from './timeline.js';

const TICK_MS = 250;

/** The signed-in page: one keepalive, and everything that shows what it does. */
export function runDemo(config: DemoConfig): void {
  const timeline = createTimeline();
  const tabs = showOpenTabs();
  const chart = createChart(config.idleMs);
  const cards = { kept: createSessionCard('kept'), alone: createSessionCard('alone') };
  const cells = (id: string): HTMLElement => byId(id, HTMLElement);
  let hasTyped = false;
  let lookSoon: ReturnType<typeof setTimeout> | undefined;

  const channel = openDemoChannel((message) => {
    if (message.type === 'event') timeline.add(message.event);
    else if (message.type === 'events') for (const event of message.events) timeline.add(event);
    else if (message.type === 'ask-for-events') channel.post({ type: 'events', events: timeline.events() });
    else {
      refreshStatus();
      void alone.look();
    }
  });

  const options: KeepaliveOptions = {
    ...keepaliveOptions(config),
    onExpired: (snapshot) => overlays.expired(snapshot),
    onSignedIn() {
      overlays.alive();
      void showName();
    },
    // What this page shows belongs to somebody else now.
    onUserChanged: () => location.reload(),
    onSignedOut: () => location.assign('/'),
    onConceal: (concealed) => overlays.conceal(concealed),
    onEvent: hear,
  };
  const keepalive = createKeepalive(listenAlong(options));
  const overlays = createOverlays(keepalive);
  const alone = watchAloneSession(aloneEnded);
  const breakers = createBreakers(note, () => {
    channel.post({ type: 'changed' });
    refreshStatus();
  });

  function hear(event: DemoEvent): void {
    timeline.add(event);
    if (event.type === 'note') return;
    tabs.hear(event);
    if (event.type === 'beat') chart.beat(event.at);
    if (event.type === 'answer' || event.type === 'end') refreshStatus();
  }

  function note(text: string, tone: Tone): void {
    const event: DemoEvent = { type: 'note', at: Date.now(), tab: tabs.own(), tone, text };
    timeline.add(event);
    channel.post({ type: 'event', event });
  }

  function aloneEnded(session: AloneSession): void {
    // One tab tells it: the one that somebody looks at.
    if (document.visibilityState !== 'visible') return;
    note(`The session left alone has ended${session.reason ? `: ${session.reason}` : ''}`, 'end');
  }

  function refreshStatus(): void {
    clearTimeout(lookSoon);
    lookSoon = setTimeout(async () => {
      const status = document.visibilityState === 'visible' ? await readStatus() : null;
      if (status) showStatus(status);
    }, 150);
  }

  function showStatus(status: DemoStatus): void {
    for (const id of ['kept', 'alone'] as const) {
      setText(cells(`${id}-beats`), String(status.beats[id]));
      setText(cells(`${id}-grants`), String(status.grants[id]));
    }
    breakers.show(status);
  }

  async function showName(): Promise<void> {
    const name = await readName();
    if (name) setText(cells('who'), name);
  }

  function keptNote(snapshot: KeepaliveSnapshot, now: number): string {
    if (snapshot.status === 'expired') return 'Your text is safe.';
    if (snapshot.status !== 'active') return 'Asking …';
    const next = secondsLeft(snapshot.wakeAt, now);
    if (next === null) return 'No beat can be due.';
    return next > 0 ? `Next beat in ${next} s, if you are here` : 'A beat is due: it waits for you';
  }

  function tick(): void {
    if (document.visibilityState !== 'visible') return;
    const now = Date.now();
    const snapshot = keepalive.snapshot();
    const other = alone.current();
    const isActive = snapshot.status === 'active';
    const endsAt = snapshot.idleExpiresAt ?? snapshot.absoluteExpiresAt;
    cards.kept({ status: snapshot.status, endsAt, spanMs: config.idleMs, note: keptNote(snapshot, now) }, now);
    const aloneNote =
      other.status !== 'expired'
        ? 'Nobody tells it that you are here.'
        : hasTyped
          ? 'You typed all the same.'
          : 'Nobody told it that you are here.';
    cards.alone({ status: other.status, endsAt: other.endsAt, spanMs: config.idleMs, note: aloneNote }, now);
    byId('restart-alone', HTMLElement).hidden = other.status !== 'expired';

    const dueIn = isActive ? secondsLeft(snapshot.wakeAt, now) : null;
    setText(cells('next-beat'), dueIn === 0 ? 'when you act' : formatSeconds(dueIn));
    setText(cells('kept-token'), formatSeconds(isActive ? secondsLeft(snapshot.accessTokenExpiresAt, now) : null));
    setText(cells('alone-token'), formatSeconds(other.status === 'active' ? secondsLeft(other.tokenAt, now) : null));
    setText(cells('kept-absolute'), formatSeconds(isActive ? secondsLeft(snapshot.absoluteExpiresAt, now) : null));
    setText(cells('alone-absolute'), formatSeconds(secondsLeft(other.absoluteAt, now)));
    setText(
      cells('coach'),
      coach(
        { kept: snapshot.status, alone: other.status, hasTyped, isEnding: snapshot.ending !== null },
        Math.round(config.idleMs / 1000),
      ),
    );
    overlays.warn(isActive ? snapshot.ending : null, now);
    const left = (status: string, at: number | null): number | null =>
      status === 'active' && at !== null ? at - now : status === 'unknown' ? null : 0;
    chart.sample(left(snapshot.status, endsAt), left(other.status, other.endsAt), now);
  }

  const typed = (): void => {
    hasTyped = true;
  };
  const frame = byId('plan', HTMLIFrameElement);
  const listenInFrame = (): void => frame.contentDocument?.addEventListener('input', typed);
  document.addEventListener('input', typed);
  frame.addEventListener('load', listenInFrame);
  listenInFrame();

  byId('restart-alone', HTMLButtonElement).addEventListener('click', () => {
    window.open('/alone/login?returnTo=/demo/finished', 'stillhere-alone', 'popup,width=480,height=640');
  });
  if (!config.embeddedProvider)
    for (const item of document.querySelectorAll<HTMLElement>('[data-needs="provider"]')) item.hidden = true;

  runApplicationForm(keepalive);
  runSignOut(keepalive);
  keepalive.subscribe(tick);
  channel.post({ type: 'ask-for-events' });
  keepalive.start();
  void alone.look();
  void showName();
  refreshStatus();
  setInterval(tick, TICK_MS);
  setInterval(() => void tabs.look(), 1000);
  document.addEventListener('visibilitychange', () => {
    tick();
    refreshStatus();
  });
  tick();
}
