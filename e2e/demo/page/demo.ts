import { createKeepalive } from '../../../client/index.js';
import type { KeepaliveEvent, KeepaliveOptions } from '../../../client/types.js';
import { type AloneSession, watchAloneSession } from './alone-session.js';
import { runApplicationForm } from './application-form.js';
import { createBreakers } from './breakers.js';
import type { DemoConfig } from './config.js';
import { openDemoChannel } from './demo-channel.js';
import type { DemoEvent, Tone } from './demo-event.js';
import { readName } from './demo-server.js';
import { describeEnd } from './describe-end.js';
import { byId, setText } from './dom.js';
import { keepaliveOptions } from './keepalive-options.js';
import { listenAlong } from './listen-along.js';
import { watchMissedBeats } from './missed-beats.js';
import { createOverlays } from './overlays.js';
import { showOpenTabs } from './own-tab.js';
import { createServerFigures } from './server-figures.js';
import { createSessionView } from './session-view.js';
import { runSignOut } from './sign-out.js';
import { createTimeline } from './timeline.js';
import { watchTyping } from './typing.js';

const TICK_MS = 250;

/** The signed-in page: one keepalive, and everything that shows what it does. */
export function runDemo(config: DemoConfig): void {
  // What an application needs of Stillhere are these callbacks, its overlays and the sign-out.
  const options: KeepaliveOptions = {
    ...keepaliveOptions(config),
    onExpired: (snapshot) => overlays.expired(snapshot, describeEnd(snapshot, timeline.events(), Date.now())),
    onSignedIn() {
      overlays.alive();
      void showName();
    },
    // What this page shows belongs to somebody else now.
    onUserChanged: () => location.reload(),
    onSignedOut() {
      // The page that signs out goes where its logout leads: to go elsewhere now would drop that.
      if (!isSigningOut()) location.assign('/');
    },
    onConceal: (concealed) => overlays.conceal(concealed),
    onEvent: hear,
  };
  const keepalive = createKeepalive(listenAlong(options));
  const overlays = createOverlays(keepalive);
  runApplicationForm(keepalive);
  const isSigningOut = runSignOut(keepalive);

  // The rest is the demonstration.
  const timeline = createTimeline();
  const tabs = showOpenTabs();
  const alone = watchAloneSession(aloneEnded);
  const view = createSessionView({ config, keepalive, alone: alone.current, hasTyped: watchTyping() });
  const missed = watchMissedBeats((event) => timeline.add(event));
  const breakers = createBreakers(note, () => {
    channel.post({ type: 'changed' });
    lookAtServer();
  });
  const lookAtServer = createServerFigures((status) => breakers.show(status));
  const channel = openDemoChannel((message) => {
    if (message.type === 'event') timeline.add(message.event);
    else if (message.type === 'events') for (const event of message.events) timeline.add(event);
    else if (message.type === 'ask-for-events') channel.post({ type: 'events', events: timeline.events() });
    else {
      lookAtServer();
      void alone.look();
    }
  });

  function hear(event: KeepaliveEvent): void {
    // That a tab has found the worker is no news; that it runs the engine itself is.
    if (event.type !== 'host' || event.host === 'page') timeline.add(event);
    tabs.hear(event);
    if (event.type === 'beat') view.beat(event.at);
    if (event.type === 'answer' || event.type === 'end') lookAtServer();
  }

  function tell(event: DemoEvent): void {
    timeline.add(event);
    channel.post({ type: 'event', event });
  }

  function note(text: string, tone: Tone): void {
    tell({ type: 'note', at: Date.now(), tab: tabs.own(), tone, text });
  }

  function aloneEnded({ id, reason }: AloneSession): void {
    const text = `The session left alone has ended${reason ? `: ${reason}` : ''}`;
    tell({ type: 'note', id: `alone ended ${id}`, at: Date.now(), tab: null, tone: 'end', text });
  }

  async function showName(): Promise<void> {
    const name = await readName();
    if (name) setText(byId('who', HTMLElement), name);
  }

  function tick(): void {
    if (document.visibilityState !== 'visible') return;
    const now = Date.now();
    view.draw(now);
    missed(keepalive.snapshot(), now);
  }

  byId('restart-alone', HTMLButtonElement).addEventListener('click', () => {
    window.open('/alone/login?returnTo=/demo/finished', 'stillhere-alone', 'popup,width=480,height=640');
  });
  for (const item of document.querySelectorAll<HTMLElement>('[data-needs="provider"]')) {
    item.hidden = !config.embeddedProvider;
  }

  keepalive.subscribe(tick);
  channel.post({ type: 'ask-for-events' });
  keepalive.start();
  void alone.look();
  void showName();
  lookAtServer();
  setInterval(tick, TICK_MS);
  setInterval(() => void tabs.look(), 1000);
  document.addEventListener('visibilitychange', () => {
    tick();
    lookAtServer();
  });
  tick();
}
