import 'fake-indexeddb/auto';
import { vi } from 'vitest';

export interface FakePage {
  window: EventTarget;
  document: EventTarget & { visibilityState: string; cookie: string };
  /** The beats that reached the server: their bodies. */
  beats: { activity: string; idleMs: number }[];
  /** The server's next answer. */
  answer: { status: number; body: object };
  /** The page's `<meta name="stillhere-user">`. */
  meta: { content: string } | null;
  /** A key that a person presses. */
  press(): void;
}

let pages = 0;

/**
 * Stubs enough of a page to run the client in Node, with a real channel and storage and a server
 * that answers. `vi.unstubAllGlobals()` removes it.
 */
export function fakePage(serviceWorker?: object): FakePage & { endpoint: string } {
  const keydown = new Set<EventListener>();
  class Target extends EventTarget {
    override addEventListener(type: string, listener: EventListener, options?: AddEventListenerOptions): void {
      if (type === 'keydown') keydown.add(listener);
      else super.addEventListener(type, listener, options);
    }
    override removeEventListener(type: string, listener: EventListener, options?: EventListenerOptions): void {
      keydown.delete(listener);
      super.removeEventListener(type, listener, options);
    }
  }
  const document = Object.assign(new Target(), {
    visibilityState: 'visible',
    cookie: '',
    readyState: 'complete',
    querySelector: (selector: string) => (selector === 'meta[name=stillhere-user]' ? page.meta : null),
    querySelectorAll: () => [],
    hasFocus: () => true,
  });
  const window = Object.assign(new Target(), { document, closed: false });
  pages += 1;
  const page: FakePage & { endpoint: string } = {
    endpoint: `/app-${pages}/beat`,
    window,
    document,
    beats: [],
    meta: null,
    answer: { status: 200, body: { sessionId: 'S1', user: 'U1', nextBeatIn: 60 } },
    press: () => {
      // Only a browser makes trusted events. This one is marked as trusted by hand.
      const trusted: Event = Object.create(new Event('keydown'), {
        type: { value: 'keydown' },
        target: { value: document },
        currentTarget: { value: window },
        timeStamp: { value: 0 },
        isTrusted: { value: true },
      });
      for (const listener of [...keydown]) listener(trusted);
    },
  };
  vi.stubGlobal('self', globalThis);
  vi.stubGlobal('window', window);
  vi.stubGlobal('document', document);
  const kept = new Map<string, string>();
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  });
  vi.stubGlobal('location', new URL('https://app.example/form'));
  vi.stubGlobal('navigator', { onLine: true, serviceWorker });
  vi.stubGlobal('fetch', async (_: string, init?: RequestInit) => {
    if (init?.method !== 'POST') return Response.json({}, { status: 404 });
    page.beats.push(JSON.parse(String(init.body)));
    return Response.json(page.answer.body, { status: page.answer.status });
  });
  return page;
}
