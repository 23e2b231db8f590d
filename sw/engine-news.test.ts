import { describe, expect, it } from 'vitest';
import { createEngine } from './engine.js';
import { buildAsk } from './model/build-state.js';
import { type EngineWorld, hello, useEngineWorld } from './model/engine-world.js';

let world: EngineWorld;
useEngineWorld((made) => {
  world = made;
});

describe('the outbox', () => {
  it('tells every change of the session, and marks it as told after the post', async () => {
    await world.signedIn();
    expect(world.news().at(-1)?.snapshot).toMatchObject({ status: 'active', epoch: { n: 1 } });
    expect(world.stored().toldEpoch).toBe(1);
  });

  it('tells first what a kill kept from being told', async () => {
    const { engine, life } = await world.signedIn();
    world.server.revoke();
    engine.ask(buildAsk('unauthorized'));
    await world.until(() => world.answers() === 2);
    // What follows the answer is the save: it is the last that this worker does.
    await world.scheduler.step(0, () => world.origin.kill(life));
    expect(world.stored()).toMatchObject({ status: 'expired', toldEpoch: 1, epoch: { n: 2 } });
    expect(world.news().some(({ snapshot }) => snapshot.status === 'expired')).toBe(false);
    await Promise.all([world.origin.start('worker again', true).engine.wake(), world.scheduler.drain()]);
    expect(world.news().at(-1)?.snapshot).toMatchObject({ status: 'expired', epoch: { n: 2 } });
    expect(world.stored().toldEpoch).toBe(2);
  });

  it('tells of a record that could not be read, though the worker only started', async () => {
    world.origin.spoil({ of: 'nothing' });
    const { engine } = world.origin.start('worker', true);
    await Promise.all([engine.wake(), world.scheduler.drain()]);
    expect(world.news().flatMap(({ facts }) => facts)).toContainEqual(expect.objectContaining({ found: 'corrupted' }));
  });

  it('says nothing where there is nothing to say', async () => {
    const { engine } = await world.signedIn();
    const before = world.news().length;
    await Promise.all([engine.wake(), world.scheduler.drain()]);
    expect(world.news()).toHaveLength(before);
  });
});

describe('what is told', () => {
  it('is each decision with its cause, in order, and never the state beside the snapshot', async () => {
    await world.signedIn();
    const facts = world.news().flatMap((news) => news.facts);
    expect(facts).toMatchObject([
      { type: 'ask', ask: hello, outcome: 'unavailable', found: 'nothing' },
      { type: 'begin', ask: hello, flight: { kind: 'beat', why: 'hello' }, found: 'ours' },
      { type: 'answer', answer: { code: 'ok' }, outcome: 'alive', found: 'ours' },
    ]);
    expect(facts.some((fact) => 'state' in fact)).toBe(false);
  });

  it.each([
    [true, true],
    [true, false],
    [false, true],
    [false, false],
  ])('is shared where the storage is (%s) and the lock is (%s)', async (store, lock) => {
    let cell: unknown;
    const engine = createEngine(
      {
        clock: { now: () => 1 },
        random: { next: () => 0, id: () => 'id' },
        store: {
          async update(change) {
            cell = change(cell);
          },
          shared: store,
        },
        lock: { run: (_, work) => work(), shared: lock },
        refresh: { send: () => Promise.reject(new Error('never')) },
        channel: { post: () => {} },
      },
      false,
    );
    expect((await engine.ask(buildAsk('visible')).ack).shared).toBe(store && lock);
  });
});
