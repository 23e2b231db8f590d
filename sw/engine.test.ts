import { describe, expect, it } from 'vitest';
import { createEngine } from './engine.js';
import { buildAsk } from './model/build-state.js';
import { type EngineWorld, hello, useEngineWorld } from './model/engine-world.js';

let world: EngineWorld;
useEngineWorld((made) => {
  world = made;
});

describe('an ask', () => {
  it('is answered at once with what is known, and again when the request it caused is answered', async () => {
    world.server.login('u', 0);
    const { engine } = world.origin.start('worker', true);
    const { ack, done } = engine.ask(hello);
    await world.scheduler.drain();
    expect(await ack).toMatchObject({ status: 'unknown', wanted: { why: 'hello', tried: false } });
    expect(await done).toMatchObject({ outcome: 'alive', snapshot: { status: 'active', sessionId: 's1', user: 'u' } });
  });

  it('of ten tabs at once is one request, of which all learn the outcome', async () => {
    world.server.login('u', 0);
    const one = world.origin.start('worker', true).engine;
    const two = world.origin.start('worker of another version', true).engine;
    const asks = Array.from({ length: 10 }, (_, n) => (n % 2 ? one : two).ask({ ...hello, tab: `tab-${n}` }));
    await world.scheduler.drain();
    const outcomes = await Promise.all(asks.map(({ done }) => done));
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(Array(10).fill('alive'));
    expect(world.requests).toHaveLength(1);
  });

  it('that waited for the storage makes its activity older by that much', async () => {
    world.server.login('u', 0);
    const { engine } = world.origin.start('worker', true);
    const { ack } = engine.ask(hello);
    await world.scheduler.advance(7_000);
    await world.scheduler.step(0);
    await ack;
    expect(world.stored().lastActivityAt).toBe(1_000_000);
  });

  it('is answered in the end though the lock is held by a request that nobody answers', async () => {
    const { engine } = await world.signedIn();
    world.server.fault = 'silence';
    const blocking = world.origin.start('page', true).engine.ask(buildAsk('extend'));
    await world.scheduler.drain();
    const { done } = engine.ask(buildAsk('unauthorized'));
    for (let n = 0; n < 4; n += 1) {
      await world.scheduler.drain();
      await world.scheduler.advance(15_000);
    }
    expect((await done).outcome).toBe('unavailable');
    expect((await blocking.done).outcome).toBe('unavailable');
  });

  it('rejects where the storage is broken, instead of answering something', async () => {
    const broken = { update: () => Promise.reject(new Error('no disk')), shared: false };
    const engine = createEngine(
      {
        clock: { now: () => 0 },
        random: { next: () => 0, id: () => 'id' },
        store: broken,
        lock: { run: (_, work) => work(), shared: false },
        refresh: { send: () => Promise.reject(new Error('never')) },
        channel: { post: () => {} },
      },
      false,
    );
    const { ack, done } = engine.ask(hello);
    await expect(ack).rejects.toThrow('no disk');
    await expect(done).rejects.toThrow('no disk');
  });
});

describe('a request', () => {
  it('leaves after its attempt is saved', async () => {
    world.server.login('u', 0);
    const { engine } = world.origin.start('worker', true);
    engine.ask(hello);
    await world.until(() => world.requests.length > 0);
    expect(world.stored()).toMatchObject({ attemptedAt: expect.any(Number), wanted: { why: 'hello' } });
  });

  it('is given up after requestTimeout: the next ask is not held up', async () => {
    const { engine } = await world.signedIn();
    world.server.fault = 'silence';
    const { done } = engine.ask(buildAsk('extend'));
    await world.scheduler.drain();
    await world.scheduler.advance(15_000);
    await world.scheduler.drain();
    expect((await done).outcome).toBe('unavailable');
    expect(world.stored()).toMatchObject({ failures: 1, status: 'active' });
  });

  it('is never made twice at once, by no two engines', async () => {
    const { engine } = await world.signedIn();
    const other = world.origin.start('page', true).engine;
    for (const one of [engine, other, engine, other]) {
      one.ask(buildAsk('extend'));
      await world.scheduler.step(1);
    }
    await world.scheduler.drain();
    expect(world.most()).toBe(1);
  });

  it('that could not answer a later ask is followed by one more, not by a chain', async () => {
    const { engine } = await world.signedIn();
    await world.scheduler.advance(60_000);
    const { done } = engine.ask(buildAsk('unauthorized'));
    await world.until(() => world.requests.length > 1);
    engine.ask(buildAsk('unauthorized', { tab: 'tab-2' }));
    await world.scheduler.drain();
    expect((await done).outcome).toBe('alive');
    expect(world.requests).toHaveLength(3);
  });
});

describe('an answer', () => {
  it('is the outcome of who asked for it, though what was asked meanwhile has to wait', async () => {
    const { engine } = await world.signedIn();
    engine.ask(buildAsk('check'));
    await world.scheduler.drain();
    const { done } = engine.ask(buildAsk('extend'));
    await world.until(() => world.requests.length > 2);
    // The burst of rule 8 is spent.
    await world.askAndDie(buildAsk('unauthorized', { tab: 'tab-2' }));
    await world.scheduler.drain();
    expect((await done).outcome).toBe('alive');
    expect(world.requests).toHaveLength(3);
    expect(world.stored().wanted).toMatchObject({ why: 'extend', tried: false });
  });

  it("of a session that is left meanwhile is nobody's outcome: the session is over", async () => {
    const { engine } = await world.signedIn();
    const { done } = engine.ask(buildAsk('unauthorized'));
    await world.until(() => world.requests.length > 1);
    const { engine: other } = world.origin.start('page', true);
    other.ask(buildAsk('hello', { tab: 'tab-2', seen: 'another' }));
    await world.until(() => world.stored().seen === 'another');
    await world.until(() => world.answers() > 1);
    // Decided after the answer, and before what the answer left open.
    other.ask(buildAsk('signed-out', { tab: 'tab-2', seen: 'another' }));
    await world.scheduler.drain();
    expect((await done).outcome).toBe('ended');
    expect(world.requests).toHaveLength(2);
  });
});

describe('a turn under the lock', () => {
  it('that comes when it is too soon for another request tells what is so by then', async () => {
    const { engine } = await world.signedIn();
    const { engine: other } = world.origin.start('page', true);
    world.server.fault = 'network';
    other.ask(buildAsk('check', { tab: 'tab-2' }));
    await world.until(() => world.requests.length > 1);
    const { ack, done } = engine.ask(buildAsk('unauthorized'));
    await world.scheduler.drain();
    expect((await ack).failures).toBe(0);
    expect(await done).toMatchObject({ outcome: 'unavailable', snapshot: { failures: 1 } });
    expect(world.requests).toHaveLength(2);
  });
});

describe('while a request flies', () => {
  /** A beat that the server does not answer yet. */
  async function flying() {
    const { engine } = await world.signedIn();
    await world.scheduler.advance(300_000);
    world.server.fault = 'silence';
    const { done } = engine.ask(buildAsk('activity', { activityAge: 0 }));
    const settled = { done: false };
    void done.then(() => {
      settled.done = true;
    });
    await world.until(() => world.requests.length > 1);
    return { engine, settled };
  }

  it('an ask that has nothing to do neither waits for it nor drops it', async () => {
    const { engine, settled } = await flying();
    const other = world.origin.start('page', true).engine;
    const idle = [other, engine].map((one) => one.ask(buildAsk('activity', { tab: 'tab-2', visible: false })).done);
    await world.scheduler.drain();
    expect(await Promise.all(idle)).toMatchObject([{ outcome: 'alive' }, { outcome: 'alive' }]);
    expect(settled.done).toBe(false);
  });

  it('a user who asks for one waits until that one is given up, and has an answer', async () => {
    const { engine } = await flying();
    const { done } = engine.ask(buildAsk('extend', { tab: 'tab-2' }));
    await world.scheduler.drain();
    world.server.fault = 'none';
    // Both are given up in the same moment: the request, and the wait for it.
    await world.scheduler.advance(15_000);
    await world.scheduler.drain();
    expect((await done).outcome).toBe('alive');
  });

  it('one that wants another leaves it alone', async () => {
    const { engine, settled } = await flying();
    engine.ask(buildAsk('unauthorized', { tab: 'tab-2' }));
    await world.scheduler.drain();
    expect(settled.done).toBe(false);
    expect(world.requests).toHaveLength(2);
  });

  it('it goes out once more for who has asked meanwhile and is no longer there to do it', async () => {
    const { engine } = await world.signedIn();
    await world.scheduler.advance(60_000);
    const { done } = engine.ask(buildAsk('unauthorized'));
    await world.until(() => world.requests.length > 1);
    await world.askAndDie(buildAsk('extend', { tab: 'tab-2' }));
    await world.scheduler.drain();
    await done;
    expect(world.requests.slice(1).map(({ activity }) => activity)).toEqual(['none', 'user']);
  });

  it('it goes out once more for what it could not answer, and whoever asked after that waits for a turn of his own', async () => {
    const { engine } = await world.signedIn();
    await world.scheduler.advance(60_000);
    const first = engine.ask(buildAsk('unauthorized'));
    let isDone = false;
    void first.done.then(() => {
      isDone = true;
    });
    await world.until(() => world.requests.length > 1);
    engine.ask(buildAsk('unauthorized', { tab: 'tab-2' }));
    await world.until(() => world.requests.length > 2);
    world.server.fault = 'none';
    engine.ask(buildAsk('unauthorized', { tab: 'tab-3' }));
    await world.until(() => world.requests.length > 3);
    expect(isDone).toBe(true);
  });
});

describe('signedOut()', () => {
  it('needs no request in flight', async () => {
    const { engine } = await world.signedIn();
    const { done } = engine.ask(buildAsk('signed-out', { seen: null }));
    await world.scheduler.drain();
    expect((await done).outcome).toBe('ended');
    // Nor one that was answered long ago.
    const again = world.origin.start('page', true).engine.ask(buildAsk('signed-out', { seen: null }));
    await world.scheduler.drain();
    expect((await again.done).outcome).toBe('ended');
  });

  it('drops what flies and resolves when nothing does any more', async () => {
    const { engine } = await world.signedIn();
    world.server.fault = 'silence';
    const flying = engine.ask(buildAsk('extend'));
    await world.until(() => world.requests.length > 1);
    world.server.logout();
    const { done } = engine.ask(buildAsk('signed-out', { seen: null }));
    await world.scheduler.drain();
    expect((await done).outcome).toBe('ended');
    expect((await flying.done).outcome).toBe('unavailable');
    expect(world.stored().status).toBe('signed-out');
  });

  it('waits for what flies elsewhere', async () => {
    const { engine } = await world.signedIn();
    world.server.fault = 'silence';
    world.origin.start('page', true).engine.ask(buildAsk('extend'));
    await world.scheduler.drain();
    let over = false;
    const { done } = engine.ask(buildAsk('signed-out', { seen: null }));
    void done.then(() => {
      over = true;
    });
    await world.scheduler.drain();
    expect(over).toBe(false);
    await world.scheduler.advance(15_001);
    await world.scheduler.drain();
    expect(over).toBe(true);
  });
});
