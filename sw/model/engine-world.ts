import { afterEach, beforeEach, vi } from 'vitest';
import type { RefreshRequest } from '../core/events.js';
import type { State } from '../core/state.js';
import type { Ask, ChannelMessage } from '../protocol.js';
import { buildAsk } from './build-state.js';
import { createFakeOrigin } from './fake-host.js';
import { createFakeServer } from './fake-server.js';
import { createScheduler } from './scheduler.js';

export const hello = buildAsk('hello', { activityAge: 0 });

/**
 * An origin with a server, whose engines a test starts and kills, and in which things happen one by
 * one.
 */
function createEngineWorld() {
  const scheduler = createScheduler();
  const server = createFakeServer({ idleLimit: 1_800, nextBeatIn: null, retryAfter: 30, named: true });
  const posts: ChannelMessage[] = [];
  const requests: RefreshRequest[] = [];
  let most = 0;
  let answers = 0;
  const origin = createFakeOrigin(scheduler, server, {
    wall: () => 1_000_000 + scheduler.now,
    random: () => 0.5,
    onWrite: () => {},
    onAnswer: () => {
      answers += 1;
    },
    onSend(request, _life, awaited) {
      requests.push(request);
      most = Math.max(most, awaited);
    },
    onPost: (message) => posts.push(structuredClone(message)),
  });
  const stored = () => origin.cell() as State;
  const news = () => posts.flatMap((message) => (message.type === 'news' ? [message.payload] : []));
  vi.spyOn(AbortSignal, 'timeout').mockImplementation((span) => scheduler.timeout(span));

  /** A session that is known to be alive. */
  async function signedIn() {
    server.login('u', scheduler.now);
    const started = origin.start('worker', true);
    const { done } = started.engine.ask(hello);
    await scheduler.drain();
    await done;
    return started;
  }

  /** Lets things happen one by one. */
  async function until(holds: () => boolean): Promise<void> {
    for (let n = 0; !holds(); n += 1) {
      if (n > 100 || !(await scheduler.step(0))) throw new Error('It does not happen');
    }
  }

  /** A page's engine notes `ask`, and dies before it can act on it. */
  async function askAndDie(ask: Ask): Promise<void> {
    const { engine, life } = origin.start('page', true);
    let isNoted = false;
    void engine.ask(ask).ack.then(() => {
      isNoted = true;
    });
    await until(() => isNoted);
    origin.kill(life);
  }

  return {
    scheduler,
    server,
    origin,
    requests,
    stored,
    news,
    most: () => most,
    answers: () => answers,
    signedIn,
    until,
    askAndDie,
  };
}

/** Makes a world for each test of a file. */
export function useEngineWorld(made: (world: EngineWorld) => void): void {
  beforeEach(() => made(createEngineWorld()));
  afterEach(() => {
    vi.restoreAllMocks();
  });
}

export type EngineWorld = ReturnType<typeof createEngineWorld>;
