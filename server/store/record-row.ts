import { type EndReason, isEndReason, isJsonObject } from '../contract.js';
import type { SessionRecord } from './store.js';

/** Returns a column's text. A value that this store has not written is an error. */
export function textOf(row: unknown, column: string): string | null {
  const value = isJsonObject(row) ? row[column] : undefined;
  return typeof value === 'string' ? value : null;
}

export function numberOf(row: unknown, column: string): number | null {
  const value = isJsonObject(row) ? row[column] : undefined;
  return typeof value === 'number' ? value : null;
}

type Tombstone = Pick<SessionRecord, 'ended' | 'revokes' | 'replacedAt'>;

/**
 * The column `ended`. The mark `revokes` stays last: older versions look for it at the end of the
 * text.
 */
export function endedText(reason: EndReason, { revokes, replacedAt }: { revokes?: boolean; replacedAt?: number }) {
  return `${reason}${replacedAt === undefined ? '' : ` replaced ${replacedAt}`}${revokes ? ' revokes' : ''}`;
}

function tombstoneOf(row: unknown): Tombstone {
  const text = textOf(row, 'ended');
  if (text === null) return { ended: null };
  const [, reason, replacedAt, revokes] = /^(\w+)(?: replaced (\d+))?( revokes)?$/.exec(text) ?? [];
  return {
    // A tombstone of a later version stays a tombstone.
    ended: isEndReason(reason) ? reason : 'revoked',
    ...(revokes !== undefined && { revokes: true }),
    ...(replacedAt !== undefined && { replacedAt: Number(replacedAt) }),
  };
}

/** A lease that runs at `now`. `until` and `now` are instants of the store's own clock. */
function leaseOf(row: unknown, now: number): SessionRecord['lease'] {
  const holder = textOf(row, 'holder');
  const leftMs = (numberOf(row, 'until') ?? 0) - now;
  return holder === null || leftMs <= 0 ? null : { holder, leftMs };
}

/**
 * A session's record from its row joined with its lease, as it is at `now` of the store's own
 * clock.
 */
export function recordOf(row: unknown, key: string, now: number): SessionRecord | null {
  const facts = textOf(row, 'facts');
  const notes = textOf(row, 'notes');
  if (facts === null || notes === null) return null;
  return {
    key,
    generation: numberOf(row, 'generation') ?? 0,
    lastActiveAt: numberOf(row, 'last_active') ?? 0,
    facts: JSON.parse(facts),
    notes: JSON.parse(notes),
    ...tombstoneOf(row),
    lease: leaseOf(row, now),
  };
}
