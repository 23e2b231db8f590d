import type { FlightNotes, SessionFacts, SessionRecord } from './store.js';

const shifted = (instant: number | null, byMs: number): number | null => (instant === null ? null : instant + byMs);

/** The same facts by a clock that is `byMs` ahead. */
export function shiftFacts(facts: SessionFacts, byMs: number): SessionFacts {
  if (byMs === 0) return facts;
  return {
    ...facts,
    createdAt: facts.createdAt + byMs,
    absoluteEndAt: facts.absoluteEndAt + byMs,
    grantedAt: facts.grantedAt + byMs,
    accessExpiresAt: shifted(facts.accessExpiresAt, byMs),
    refreshEndAt: shifted(facts.refreshEndAt, byMs),
  };
}

export function shiftNotes(notes: FlightNotes, byMs: number): FlightNotes {
  if (byMs === 0) return notes;
  const { marker, refusals } = notes;
  return {
    ...notes,
    marker: marker && { ...marker, at: marker.at + byMs },
    undecidedUntil: shifted(notes.undecidedUntil, byMs),
    refusals: refusals && {
      ...refusals,
      since: refusals.since + byMs,
      ...(refusals.last !== undefined && { last: refusals.last + byMs }),
    },
  };
}

export function shiftRecord(record: SessionRecord, byMs: number): SessionRecord {
  if (byMs === 0) return record;
  return {
    ...record,
    lastActiveAt: record.lastActiveAt + byMs,
    facts: shiftFacts(record.facts, byMs),
    notes: shiftNotes(record.notes, byMs),
    ...(record.replacedAt !== undefined && { replacedAt: record.replacedAt + byMs }),
  };
}
