import type { Departure, EngineSnapshot, Fact } from '../../sw/protocol.js';
import { differ } from '../state/known-end.js';
import type { KeepaliveEvent } from '../types.js';

/**
 * Makes events for the application from the facts that an engine told. Loaded only if the
 * application listens to events.
 */
export function eventsOf(fact: Fact, { wakeAt }: EngineSnapshot): KeepaliveEvent[] {
  const { at, found } = fact;
  const events: KeepaliveEvent[] = [];
  if (found === 'corrupted' || found === 'newer') events.push({ type: 'storage', at, problem: found });
  if (fact.type === 'worker') return [...events, { type: 'worker', at, build: fact.build, instance: fact.instance }];
  if (fact.type === 'told') return events;
  if (fact.type === 'answer') {
    const { flight, answer, outcome, stale = false } = fact;
    const took = Math.max(0, at - flight.sentAt);
    const refreshed = !!answer.facts.refreshed;
    return [...events, { type: 'answer', at, took, outcome, code: answer.code, refreshed, stale }];
  }
  const { tab, kind } = fact.ask;
  if (fact.type === 'ask') events.push({ type: 'ping', at, tab, ask: kind });
  else if (fact.flight) events.push(departure(at, fact.flight));
  const { skipped } = fact;
  if (skipped)
    events.push({ type: 'skip', at, tab, ask: kind, reason: skipped, until: wakeAt === Infinity ? null : wakeAt });
  return events;
}

const departure = (at: number, { kind, why, activity, idleMs }: Departure): KeepaliveEvent =>
  kind === 'check' ? { type: kind, at, why } : { type: kind, at, why, activity, idleMs };

/** A change of status or session between two states of the engine, as an event. */
export function changeOf({ user }: EngineSnapshot, next: EngineSnapshot, at: number): KeepaliveEvent[] {
  const { status, reason, sessionId } = next;
  if (status === 'active') return [{ type: 'session', at, sessionId, userChanged: differ(user, next.user) }];
  return status === 'unknown' ? [] : [{ type: 'end', at, status, reason }];
}
