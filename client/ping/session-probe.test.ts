import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { EngineSnapshot, Outcome } from '../../sw/protocol.js';
import { resolveOptions } from '../options.js';
import { createKnowledge } from '../state/knowledge.js';
import { createAudience } from '../state/listeners.js';
import { engineSnapshot } from '../testing/engine-snapshot.js';
import { fakePage } from '../testing/fake-page.js';
import { createLook } from './session-probe.js';

/** What the page sees, and the answers that its questions wait for. */
let session: string | null | undefined;
let answers: ((outcome: Outcome) => void)[];

beforeEach(() => {
  fakePage();
  session = 'S1';
  answers = [];
});
afterEach(() => {
  vi.unstubAllGlobals();
});

/** No question is open any more. */
async function answerAll(): Promise<void> {
  for (const answer of answers) answer('unavailable');
  await new Promise((resolve) => setImmediate(resolve));
}

/** A tab that knows of `engine`. */
function tab(engine?: Partial<EngineSnapshot>) {
  const ask = () => new Promise<Outcome>((resolve) => answers.push(resolve));
  const options = resolveOptions({ session: () => session });
  const known = createKnowledge(options, createAudience(options), ask, () => undefined, 'tab');
  if (engine) known.receive(engineSnapshot(engine));
  return createLook(known, ask);
}

it('asks one question at a time for what the page sees, and another one when it sees another session', async () => {
  const { hello } = tab();
  hello();
  hello();
  expect(answers).toHaveLength(1);
  session = null;
  hello();
  expect(answers).toHaveLength(2);
  await answerAll();
  hello();
  expect(answers).toHaveLength(3);
});

it('asks again after the page stood still, though the last question has no answer', () => {
  const { hello, again } = tab();
  hello();
  again();
  expect(answers).toHaveLength(2);
});

it('looks once into another session that it sees, and always where it is called to', async () => {
  const { look } = tab({});
  look();
  expect(answers).toHaveLength(0);
  session = 'S2';
  look();
  expect(answers).toHaveLength(1);
  await answerAll();
  look();
  expect(answers).toHaveLength(1);
  look(true);
  expect(answers).toHaveLength(2);
});

it('looks after an end only where it is called to', () => {
  const { look } = tab({ status: 'expired', sessionId: null, endedSessionId: 'S1' });
  look();
  expect(answers).toHaveLength(0);
  look(true);
  expect(answers).toHaveLength(1);
});

it('asks while nothing is known', () => {
  tab().look();
  expect(answers).toHaveLength(1);
});

it('asks once about a storage that it does not know, and never about one that a tab has for itself', async () => {
  const { meet } = tab({});
  meet(engineSnapshot({ epoch: { store: 'b', n: 1 }, shared: false }));
  expect(answers).toHaveLength(0);
  meet(engineSnapshot({ epoch: { store: 'b', n: 1 } }));
  expect(answers).toHaveLength(1);
  await answerAll();
  meet(engineSnapshot({ epoch: { store: 'b', n: 2 } }));
  expect(answers).toHaveLength(1);
  meet(engineSnapshot({ epoch: { store: 'c', n: 1 } }));
  expect(answers).toHaveLength(2);
});
