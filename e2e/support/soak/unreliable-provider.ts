import { setTimeout as pause } from 'node:timers/promises';
import type { ProviderControls } from '../../demo/provider-controls.js';

/** One request for tokens, and whether it was made to fail. */
export interface TokenRequest {
  at: number;
  failed: boolean;
}

const FAILURES = ['failing', 'busy'] as const;
const LEAST_MS = 50;
const MOST_MS = 1_000;

/**
 * From now on the provider takes the time that providers take, and this share of its answers are
 * failures: a 500, after which nobody knows whether the token was redeemed, as often as a 429 with
 * its `Retry-After`. Returns what it was asked from here on.
 */
export function makeUnreliable(provider: ProviderControls, share: number, random: () => number): TokenRequest[] {
  const asked: TokenRequest[] = [];
  provider.setFault(async () => {
    const failed = random() < share;
    asked.push({ at: Date.now(), failed });
    await pause(LEAST_MS + random() * (MOST_MS - LEAST_MS));
    return failed ? (FAILURES[Math.floor(random() * FAILURES.length)] ?? 'failing') : 'none';
  });
  return asked;
}
