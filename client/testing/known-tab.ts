import { vi } from 'vitest';
import type { EngineSnapshot } from '../../sw/protocol.js';
import { resolveOptions } from '../options.js';
import { createKnowledge } from '../state/knowledge.js';
import type { Audience } from '../state/listeners.js';
import type { KeepaliveSnapshot } from '../types.js';
import { engineSnapshot } from './engine-snapshot.js';

/** The session that the page sees. */
export const sees: { session: string | null | undefined } = { session: 'S1' };

/** Makes the knowledge of one tab, with a log of everything that its application is told. */
export function tab() {
  const log: unknown[] = [];
  const changes: [KeepaliveSnapshot, boolean | null, string | null | undefined][] = [];
  let covered: unknown = false;
  const audience: Audience = {
    listeners: new Set(),
    // Each instance tells its application of a change only.
    tell: (name, value) => {
      if (name === 'onConceal' && value === covered) return;
      covered = value;
      log.push([name, value]);
    },
    trouble: (trouble) => log.push(trouble),
    toldElsewhere: (trouble) => log.push(`told elsewhere: ${trouble}`),
    events: () => log.push('events'),
  };
  const plan = vi.fn();
  const known = createKnowledge(
    resolveOptions({ session: () => sees.session }),
    audience,
    async () => 'offline',
    plan,
    'tab',
  );
  known.add({ hears: false, call: audience.tell, onChange: (...change) => changes.push(change) });
  const receive = (change: Partial<EngineSnapshot>) => known.receive(engineSnapshot(change));
  return { known, log, changes, plan, receive, audience };
}
