import { describe, expect, it } from 'vitest';
import { recordLog } from '../testing/log-recorder.js';
import { guardLimiter } from './guard-limiter.js';
import type { RateLimiter } from './rate-limit.js';

const never = <T>() => new Promise<T>(() => undefined);

describe('a rate limiter that does not answer', () => {
  const hangs: RateLimiter = { take: never, wouldRefuse: never };

  it('lets a request through after a second, and the log says why', async () => {
    const log = recordLog();
    expect(await guardLimiter(hangs, log).take('key')).toBe(0);
    expect(log.lines).toMatchObject([
      {
        level: 'error',
        message: 'the rate limiter failed and lets everybody through',
        facts: { error: 'TimeoutError' },
      },
    ]);
  });

  it('refuses nothing beforehand either', async () => {
    expect(await guardLimiter(hangs, recordLog()).wouldRefuse('key')).toBe(false);
  });
});

it('hands on what the limiter says', async () => {
  const limiter = guardLimiter({ take: async () => 7, wouldRefuse: async () => true }, recordLog());
  expect([await limiter.take('key'), await limiter.wouldRefuse('key')]).toEqual([7, true]);
});

it('refuses nothing if there is no limiter', async () => {
  const limiter = guardLimiter(undefined, recordLog());
  expect([await limiter.take('key'), await limiter.wouldRefuse('key')]).toEqual([0, false]);
});
