import type { ClockPort, RandomPort } from '../ports.js';

export const systemClock: ClockPort = { now: () => Date.now() };

/** `randomUUID` exists in secure contexts only, `getRandomValues` everywhere. */
export const systemRandom: RandomPort = {
  next: () => Math.random(),
  id: () => crypto.getRandomValues(new Uint32Array(4)).join('-'),
};
