import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { StoreError } from '../store/store.js';
import { createPatience } from './patience.js';

it('a request is late once, though its work goes on and waits for other things', async () => {
  const late: StoreError[] = [];
  const patience = createPatience(20, (error) => late.push(error));
  const work = (async () => {
    await sleep(100);
    await patience.exempt(sleep(20));
    await sleep(100);
    return 'stored';
  })();
  await expect(patience.limit(work)).rejects.toMatchObject({ code: 'store_unavailable', kind: 'timeout' });
  expect(await work).toBe('stored');
  expect(late).toHaveLength(1);
});

it('what a request waits for that is not the store does not count, and an answer in time is none that is late', async () => {
  const late: StoreError[] = [];
  const patience = createPatience(2_000, (error) => late.push(error));
  const work = (async () => {
    await sleep(1);
    await patience.exempt(sleep(2_500));
    return 'answered';
  })();
  expect(await patience.limit(work)).toBe('answered');
  expect(late).toEqual([]);
});

it('a request whose store answers at the last moment waits for other things all the same', async () => {
  const late: StoreError[] = [];
  const patience = createPatience(20, (error) => late.push(error));
  const work = (async () => {
    await nextTurn();
    // This process is busy beyond the deadline, and the answer is there when it looks again.
    const answer = nextTurn();
    const from = performance.now();
    while (performance.now() - from < 40);
    await answer;
    await patience.exempt(sleep(50));
    return 'answered';
  })();
  expect(await patience.limit(work)).toBe('answered');
  expect(late).toEqual([]);
});
