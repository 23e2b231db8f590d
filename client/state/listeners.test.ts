import { expect, it, vi } from 'vitest';
import { resolveOptions } from '../options.js';
import type { Calls } from '../tab-types.js';
import { createAudience } from './listeners.js';

/** An instance that logs what it is told. */
function instance(hears: boolean) {
  const log: string[] = [];
  const call = <Name extends keyof Calls>(name: Name, value: Calls[Name]) => {
    const told = value as Partial<Calls['onEvent'] & Calls['onError']>;
    log.push(`${name} ${told.type ?? told.code}`);
  };
  return { log, hears, call, onChange: () => undefined };
}

it('tells all instances', () => {
  const { listeners, tell } = createAudience(resolveOptions());
  const [one, two] = [instance(false), instance(true)];
  listeners.add(one).add(two);
  tell('onEvent', { type: 'host', at: 1, host: 'worker' });
  expect([one.log, two.log]).toEqual([['onEvent host'], ['onEvent host']]);
});

it('makes events where somebody listens, and tells them in the order of what happened', async () => {
  const { listeners, events } = createAudience(resolveOptions());
  const make = vi.fn(() => [{ type: 'check', at: 1, why: 'end' } as const]);
  listeners.add(instance(false));
  events(make);
  const { log, ...listener } = instance(true);
  listeners.add(listener);
  events(() => [
    { type: 'check', at: 1, why: 'end' },
    { type: 'host', at: 1, host: 'page' },
  ]);
  events(() => {
    throw new Error('a fact that lies');
  });
  events(() => [{ type: 'end', at: 1, status: 'expired', reason: null }]);
  await vi.waitFor(() => expect(log).toEqual(['onEvent check', 'onEvent host', 'onEvent end']));
  expect(make).not.toHaveBeenCalled();
});

it('does not tell of a trouble that another tab has told of', async () => {
  vi.stubGlobal('location', new URL('https://app.example/'));
  const { listeners, trouble, toldElsewhere } = createAudience(resolveOptions());
  const listener = instance(false);
  listeners.add(listener);
  toldElsewhere('endpoint-html');
  trouble('endpoint-html');
  trouble('endpoint-404');
  await vi.waitFor(() => expect(listener.log).toEqual(['onEvent error', 'onError endpoint-404']));
  vi.unstubAllGlobals();
});

it('tells of a trouble once', async () => {
  vi.stubGlobal('location', new URL('https://app.example/'));
  const { listeners, trouble } = createAudience(resolveOptions());
  const listener = instance(false);
  listeners.add(listener);
  trouble('protocol');
  trouble('protocol');
  await vi.waitFor(() => expect(listener.log).toEqual(['onEvent error', 'onError protocol']));
  trouble('protocol');
  trouble('storage');
  await vi.waitFor(() => expect(listener.log.at(-1)).toBe('onError storage'));
  expect(listener.log).toHaveLength(4);
  vi.unstubAllGlobals();
});
