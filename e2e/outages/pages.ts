import { knownEnd } from '../../client/state/known-end.js';
import { fetchRefresh } from '../../sw/adapters/fetch-refresh.js';
import { localLock } from '../../sw/adapters/local-lock.js';
import { systemRandom } from '../../sw/adapters/system.js';
import { createEngine } from '../../sw/engine.js';
import { type AskKind, DEFAULT_SETTINGS, type EngineSettings, type EngineSnapshot } from '../../sw/protocol.js';

/** A browser with one page that its user looks at. */
export interface Page {
  /** The page looks at the clock: its user has just typed, or has left. */
  look(isUserThere: boolean): Promise<void>;
  /** Says hello, as a page that is loaded again with another `requestTimeout` (milliseconds). */
  hello(requestTimeout: number): Promise<void>;
  snapshot(): EngineSnapshot;
}

interface PageSettings {
  sessionId: string;
  /** Below it are the routes of the application. */
  address: string;
  now: () => number;
}

/**
 * The engine of the worker, which asks a real server over HTTP, with a store in memory and a clock
 * that can be set forward. Resolves when it knows the session.
 */
export async function openPage({ sessionId, address, now }: PageSettings): Promise<Page> {
  let stored: unknown;
  const endpoint = `${address}/auth/heartbeat`;
  const statusEndpoint = `${address}/auth/session`;
  const engine = createEngine(
    {
      clock: { now },
      random: systemRandom,
      store: {
        shared: true,
        async update(change) {
          stored = change(stored);
        },
      },
      lock: localLock(),
      refresh: fetchRefresh({ name: sessionId, endpoint, statusEndpoint }),
      channel: { post: () => undefined },
    },
    true,
  );
  let typedAt = now();
  let askedEnd = 0;

  async function ask(kind: AskKind, settings?: EngineSettings): Promise<EngineSnapshot> {
    const activityAge = now() - typedAt;
    const facts = { tab: sessionId, seen: sessionId, visible: true, activityAge, online: true };
    return (await engine.ask({ kind, ...facts, ...(settings && { settings }) }).done).snapshot;
  }
  let known = await ask('hello', DEFAULT_SETTINGS);
  if (known.status !== 'active') throw new Error(`The session is ${known.status}.`);

  return {
    async look(isUserThere) {
      if (isUserThere) typedAt = now();
      const at = knownEnd(known)?.at ?? Number.POSITIVE_INFINITY;
      if (at <= now() && at !== askedEnd) {
        askedEnd = at;
        known = await ask('end');
      }
      if (isUserThere && now() >= known.wakeAt) known = await ask('activity');
    },
    async hello(requestTimeout) {
      known = await ask('hello', { ...DEFAULT_SETTINGS, requestTimeout });
    },
    snapshot: () => known,
  };
}
