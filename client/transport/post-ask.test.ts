import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type Ask, type Outcome, PROTOCOL_VERSION } from '../../sw/protocol.js';
import { engineSnapshot } from '../testing/engine-snapshot.js';
import { postAsk } from './post-ask.js';

const ask: Ask = { kind: 'hello', tab: 't', visible: true, activityAge: Infinity, online: true };
const envelope = { stillhere: PROTOCOL_VERSION, build: 'b' };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/**
 * Asks a worker that answers with `answers`; returns what the page hears, how it ends, and when the
 * page has closed its port.
 */
function run(answers: object[]) {
  const log: string[] = [];
  let closed: Promise<unknown> | undefined;
  const worker = {
    postMessage: (_: unknown, [port]: [MessagePort]) => {
      closed = new Promise((resolve) => port.addEventListener('close', resolve));
      for (const answer of answers) port.postMessage({ ...envelope, ...answer });
    },
  };
  const outcome: Promise<Outcome> = postAsk(worker as object as ServiceWorker, ask, 40_000, ({ status }, build) =>
    log.push(build, status),
  );
  return { log, outcome, closed };
}

const done = { type: 'done', payload: { outcome: 'alive', snapshot: engineSnapshot() } };

it('hears the state at once and the outcome later', async () => {
  const { log, outcome, closed } = run([{ type: 'ack', payload: engineSnapshot({ status: 'unknown' }) }, done]);
  expect(await outcome).toBe('alive');
  expect(log).toEqual(['b', 'unknown', 'b', 'active']);
  expect(vi.getTimerCount()).toBe(0);
  await closed;
});

it('gives a worker 3 s to say that it has heard', async () => {
  const { outcome, closed } = run([]);
  const ended = expect(outcome).rejects.toBe('worker-silent');
  await vi.advanceTimersByTimeAsync(3_000);
  await ended;
  await closed;
});

it('takes an outcome that never comes for none, not for an end', async () => {
  const { log, outcome, closed } = run([{ type: 'ack', payload: engineSnapshot() }]);
  await vi.waitFor(() => expect(log).toContain('active'));
  await vi.advanceTimersByTimeAsync(40_000);
  expect(await outcome).toBe('unavailable');
  await closed;
});

it('passes on what the worker refuses, and ignores what it cannot read', async () => {
  const { outcome, closed } = run([
    { type: 'ack', payload: {} },
    { type: 'error', payload: { code: 'protocol' } },
  ]);
  await expect(outcome).rejects.toBe('protocol');
  await closed;
});
