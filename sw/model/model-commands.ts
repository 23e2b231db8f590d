import fc from 'fast-check';
import { FAULTS } from './fake-server.js';
import type { World, WorldSettings } from './model-world.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const tab = fc.nat(4);
const make = <D extends string, T extends object>(
  weight: number,
  name: D,
  fields: { [K in keyof T]: fc.Arbitrary<T[K]> },
) => ({
  weight,
  arbitrary: fc.record<{ do: D } & T>({ do: fc.constant(name), ...fields } as {
    [K in keyof ({ do: D } & T)]: fc.Arbitrary<({ do: D } & T)[K]>;
  }),
});

/** What can happen in a browser. */
export const commands = fc.array(
  fc.oneof(
    make(12, 'step', { pick: fc.nat(7) }),
    make(3, 'die', { pick: fc.nat(7) }),
    make(4, 'drain', {}),
    make(6, 'act', { tab }),
    make(4, 'ask', {
      tab,
      kind: fc.constantFrom('visible', 'online', 'touch', 'extend', 'check', 'unauthorized', 'hello', 'warning', 'end'),
    }),
    make(2, 'look', { tab }),
    make(2, 'watch-end', { tab }),
    make(1, 'show', { tab, visible: fc.boolean() }),
    make(1, 'freeze', { tab, frozen: fc.boolean() }),
    make(1, 'pin', { tab }),
    make(1, 'kill', { host: fc.nat(1) }),
    make(1, 'stand', { host: fc.nat(1), still: fc.boolean() }),
    make(2, 'fault', { fault: fc.constantFrom(...FAULTS) }),
    make(2, 'login', { tab, user: fc.constantFrom('u', 'v') }),
    make(1, 'logout', { tab }),
    make(1, 'revoke', {}),
    make(4, 'sleep', {
      span: fc.constantFrom(100, 3 * SECOND, 16 * SECOND, MINUTE, 5 * MINUTE, 20 * MINUTE, 2 * HOUR),
    }),
    make(1, 'jump', { span: fc.constantFrom(-24 * HOUR, -HOUR, -30 * SECOND, 30 * SECOND, HOUR, 24 * HOUR) }),
  ),
  { minLength: 4, maxLength: 40 },
);
export type Command = typeof commands extends fc.Arbitrary<(infer C)[]> ? C : never;

export const settings = (mixed: boolean): fc.Arbitrary<WorldSettings> =>
  fc.record({
    tabs: fc.integer({ min: 3, max: 5 }),
    readable: fc.boolean(),
    checkable: fc.boolean(),
    mixed: fc.constant(mixed),
    named: fc.boolean(),
    idleLimit: fc.constantFrom(300, 1_800),
    nextBeatIn: fc.constantFrom(null, 60, 240),
    retryAfter: fc.constantFrom(null, 0, 30, 3_600),
    longestWay: fc.constantFrom(0, 60, 900),
    stillAfter: fc.nat(12),
    seed: fc.nat(),
  });

/** Does one of them in the world. */
export async function run(world: World, command: Command): Promise<void> {
  const { scheduler, server, tabs } = world;
  const of = (index: number) => {
    const found = tabs[index % tabs.length];
    if (!found) throw new Error('no tab');
    return found;
  };
  scheduler.trace.push(JSON.stringify(command));
  switch (command.do) {
    case 'step':
      await scheduler.step(command.pick);
      return;
    case 'die':
      await scheduler.step(command.pick, world.killOwner);
      return;
    case 'drain':
      return scheduler.drain();
    case 'sleep':
      return scheduler.advance(command.span);
    case 'jump':
      // What a page saw before it stood still can be dated by its clock alone: it goes on before
      // that is set.
      if (world.goOn()) await scheduler.drain();
      return world.jump(command.span);
    case 'kill':
      return world.kill(command.host);
    case 'stand':
      return world.stand(command.host, command.still);
    case 'fault':
      server.fault = command.fault;
      return;
    case 'revoke':
      return server.revoke();
  }
  const target = of(command.tab);
  if (command.do === 'freeze') {
    target.frozen = command.frozen;
    if (!command.frozen && !world.isStill(target)) target.ask('hello');
  }
  if (target.frozen || world.isStill(target)) return;
  switch (command.do) {
    case 'act':
      if (target.visible) world.act(target);
      return;
    case 'ask':
      return target.ask(command.kind);
    case 'look':
      return target.look();
    case 'watch-end':
      return target.watchEnd();
    case 'show':
      target.visible = command.visible;
      if (command.visible) target.ask('visible');
      return;
    case 'pin':
      // Not as signed out: an application that says so is believed.
      target.pinned = target.pinned || !server.jar.seen ? null : { seen: server.jar.seen };
      return;
    case 'login':
      server.login(command.user, scheduler.now);
      target.pinned = null;
      return target.ask('signed-in');
    case 'logout':
      server.logout();
      target.pinned = null;
      return target.ask('signed-out');
  }
}
