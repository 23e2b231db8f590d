import { expect, it } from 'vitest';
import { localLock } from './local-lock.js';

const never = () => new AbortController().signal;

it('lets one work at a time, in the order of asking', async () => {
  const lock = localLock();
  const order: string[] = [];
  const work = (name: string) => async () => {
    order.push(`${name} in`);
    await null;
    order.push(`${name} out`);
    return name;
  };
  const done = await Promise.all([lock.run(never(), work('first')), lock.run(never(), work('second'))]);
  expect(done).toEqual(['first', 'second']);
  expect(order).toEqual(['first in', 'first out', 'second in', 'second out']);
  expect(lock.shared).toBe(false);
});

it('is free again after a work that failed', async () => {
  const lock = localLock();
  await expect(lock.run(never(), () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await lock.run(never(), async () => 'yes')).toBe('yes');
});

it('does not start a work whose wait was given up', async () => {
  const lock = localLock();
  const controller = new AbortController();
  let ran = false;
  const first = lock.run(never(), async () => controller.abort(new Error('given up')));
  const second = lock.run(controller.signal, async () => {
    ran = true;
  });
  await first;
  await expect(second).rejects.toThrow('given up');
  expect(ran).toBe(false);
});
