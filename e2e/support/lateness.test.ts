import { expect, it } from 'vitest';
import { onThisMachine } from './lateness.js';

/** Lets this process do nothing else, as another one does that has the processor. */
function stand(ms: number): void {
  const from = Date.now();
  while (Date.now() - from < ms);
}

const tick = () => new Promise((resolve) => setTimeout(resolve, 30));

it('gives more time where the machine stood still meanwhile, and none for what was before or after', async () => {
  await tick();
  const from = Date.now();
  stand(300);
  await tick();
  const to = Date.now();
  expect(onThisMachine(1_000, from, to)).toBeGreaterThan(1_000 + 10 * 200);
  expect(onThisMachine(1_000, 0, from - 1_000)).toBe(1_000);
  expect(onThisMachine(1_000, to + 1_000, to + 2_000)).toBe(1_000);
});
