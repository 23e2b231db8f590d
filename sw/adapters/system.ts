import type { ClockPort, RandomPort } from '../ports.js';

export const systemClock: ClockPort = { now: () => Date.now() };

/** `getRandomValues` exists everywhere. `randomUUID` exists only in secure contexts. */
export const systemRandom: RandomPort = {
  next: () => Math.random(),
  id: () => crypto.getRandomValues(new Uint32Array(4)).join('-'),
};
