import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  LONGEST_LEASE,
  NO_NOTES,
  type SessionFacts,
  type SessionRecord,
  type SessionStore,
  withIntent,
} from './store.js';

interface Row extends Omit<SessionRecord, 'lease'> {
  lease: { holder: string; until: number } | null;
  sidKey: string | null;
  sealed: string | null;
  purgeAt: number;
}

/** How many entries a purge checks before other work has its turn. */
const PURGE_STEP = 1_000;

/** Drops the expired entries of a map, in steps. */
async function sweep<T>(map: Map<string, T>, isOver: (entry: T) => boolean, signal?: AbortSignal): Promise<void> {
  let seen = 0;
  for (const [key, entry] of map) {
    if (isOver(entry)) map.delete(key);
    seen += 1;
    if (seen % PURGE_STEP === 0) await nextTurn();
    if (signal?.aborted) return;
  }
}

/**
 * A store in this process's memory: for tests and for one process that may lose its sessions. `now`
 * is the clock of its leases.
 */
export function memoryStore({ now: clock = Date.now }: { now?: () => number } = {}): SessionStore {
  const rows = new Map<string, Row>();
  const kept = new Map<string, string>();
  const left = new Map<string, { text: string; expiresAt: number }>();
  const remembered = new Map<string, { value: number; expiresAt: number }>();

  const living = (key: string): Row | null => {
    const row = rows.get(key);
    return row && row.ended === null ? row : null;
  };

  const recordOf = (row: Row): SessionRecord => {
    const { sidKey: _sid, sealed: _sealed, purgeAt: _purge, lease, ...record } = row;
    const leftMs = (lease?.until ?? 0) - clock();
    return structuredClone({ ...record, lease: lease && leftMs > 0 ? { holder: lease.holder, leftMs } : null });
  };

  return {
    async keepOnce(name, made) {
      const value = kept.get(name) ?? made;
      kept.set(name, value);
      return value;
    },
    async create({ key, facts, lastActiveAt, sidKey, sealed, purgeAt }) {
      if (rows.has(key)) return false;
      rows.set(key, {
        ...{ key, generation: 1, lastActiveAt, facts, notes: NO_NOTES, ended: null, lease: null },
        ...{ sidKey, sealed, purgeAt },
      });
      return true;
    },
    async read(key) {
      const row = rows.get(key);
      return row ? recordOf(row) : null;
    },
    async readSealed(key) {
      return rows.get(key)?.sealed ?? null;
    },
    async readAndTouch(key, { at, step, after }) {
      const row = rows.get(key);
      if (!row) return null;
      const before = recordOf(row);
      const { lastActiveAt, ended } = row;
      if (ended === null && at - lastActiveAt >= step && lastActiveAt > after) row.lastActiveAt = at;
      return before;
    },
    async acquire({ key, holder, leaseMs, intent, instead }) {
      const row = rows.get(key);
      if (!row) return { owner: '', record: null, sealed: null };
      const record = recordOf(row);
      const { lease } = record;
      const isFree = !lease || lease.leftMs > LONGEST_LEASE * leaseMs;
      if (!isFree && lease.holder !== holder && lease.holder !== instead)
        return { owner: lease.holder, record: null, sealed: null };
      row.lease = { holder, until: clock() + leaseMs };
      if (row.ended === null && row.generation === intent.generation)
        row.notes = withIntent(row.notes, { ...intent, holder });
      return { owner: holder, record, sealed: row.sealed };
    },
    async renew(key, holder, leaseMs) {
      const row = rows.get(key);
      if (row?.lease?.holder !== holder) return false;
      row.lease = { holder, until: clock() + leaseMs };
      return true;
    },
    async release(key, holder, unsent) {
      const row = rows.get(key);
      if (row?.lease?.holder !== holder) return;
      row.lease = null;
      if (unsent && row.ended === null && row.generation === unsent.generation)
        row.notes = structuredClone(unsent.notes);
    },
    async note(key, generation, notes) {
      const row = living(key);
      if (row?.generation !== generation) return false;
      row.notes = structuredClone(notes);
      return true;
    },
    async commit(key, generation, { facts, sealed, holder }) {
      const row = living(key);
      if (row?.generation !== generation) return false;
      const notes = { ...NO_NOTES, attempt: row.notes.attempt };
      Object.assign(row, { generation: generation + 1, facts, sealed, notes });
      if (row.lease?.holder === holder) row.lease = null;
      return true;
    },
    async end(key, reason, { revokes = false, replacedAt } = {}) {
      const row = living(key);
      if (!row) return null;
      const { facts, sealed } = row;
      Object.assign(row, { ended: reason, sealed: null, ...(revokes && { revokes }) });
      if (replacedAt !== undefined) row.replacedAt = replacedAt;
      return { facts, sealed };
    },
    async endAll(selector, reason) {
      const ended: SessionFacts[] = [];
      for (const row of rows.values()) {
        const meant =
          'user' in selector
            ? row.facts.user === selector.user && row.facts.createdAt <= selector.createdUpTo
            : row.sidKey === selector.sidKey;
        if (!meant || row.ended !== null) continue;
        Object.assign(row, { ended: reason, sealed: null });
        ended.push(row.facts);
      }
      return ended;
    },
    async remember({ name, value, now, expiresAt }) {
      const known = remembered.get(name);
      const fresh = !known || known.expiresAt <= now;
      if (fresh || value > known.value) remembered.set(name, { value, expiresAt });
      return fresh;
    },
    async recall(name, now) {
      const known = remembered.get(name);
      return known && known.expiresAt > now ? known.value : null;
    },
    async leave({ name, text, expiresAt }) {
      left.set(name, { text, expiresAt });
    },
    async take(name, now) {
      const found = left.get(name);
      left.delete(name);
      return found && found.expiresAt > now ? found.text : null;
    },
    async purge(now, signal) {
      await sweep(rows, ({ purgeAt }) => purgeAt <= now, signal);
      await sweep(remembered, ({ expiresAt }) => expiresAt <= now, signal);
      await sweep(left, ({ expiresAt }) => expiresAt <= now, signal);
    },
    async close() {},
  };
}
