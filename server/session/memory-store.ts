import { NO_NOTES, type SessionRecord, type SessionStore } from './store.js';

interface Row extends SessionRecord {
  sidKey: string | null;
  sealed: string | null;
  purgeAt: number;
}

/** A store in this process's memory: for tests and for one process that may lose its sessions. */
export function memoryStore(): SessionStore {
  const rows = new Map<string, Row>();
  const kept = new Map<string, string>();
  const remembered = new Map<string, { value: number; expiresAt: number }>();

  const living = (key: string): Row | null => {
    const row = rows.get(key);
    return row && row.ended === null ? row : null;
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
      if (!row) return null;
      const { sidKey: _sid, sealed: _sealed, purgeAt: _purge, ...record } = row;
      return structuredClone(record);
    },
    async readSealed(key) {
      return rows.get(key)?.sealed ?? null;
    },
    async touch(key, lastActiveAt) {
      const row = living(key);
      if (row) row.lastActiveAt = Math.max(row.lastActiveAt, lastActiveAt);
    },
    async acquire({ key, holder, now, until, instead }) {
      const row = rows.get(key);
      if (!row) return '';
      const { lease } = row;
      if (lease && lease.until > now && lease.holder !== holder && lease.holder !== instead) return lease.holder;
      row.lease = { holder, until };
      return holder;
    },
    async renew(key, holder, until) {
      const row = rows.get(key);
      if (row?.lease?.holder !== holder) return false;
      row.lease = { holder, until };
      return true;
    },
    async release(key, holder) {
      const row = rows.get(key);
      if (row?.lease?.holder === holder) row.lease = null;
    },
    async note(key, generation, notes) {
      const row = living(key);
      if (row?.generation !== generation) return false;
      row.notes = structuredClone(notes);
      return true;
    },
    async commit(key, generation, { facts, sealed }) {
      const row = living(key);
      if (row?.generation !== generation) return false;
      const notes = { ...NO_NOTES, attempt: row.notes.attempt };
      Object.assign(row, { generation: generation + 1, facts, sealed, notes });
      return true;
    },
    async end(key, reason, { revokes = false } = {}) {
      const row = living(key);
      if (!row) return null;
      const { facts, sealed } = row;
      Object.assign(row, { ended: reason, sealed: null, ...(revokes && { revokes }) });
      return { facts, sealed };
    },
    async endAll(selector, reason) {
      let count = 0;
      for (const row of rows.values()) {
        const meant =
          'user' in selector
            ? row.facts.user === selector.user && row.facts.createdAt <= selector.createdUpTo
            : row.sidKey === selector.sidKey;
        if (!meant || row.ended !== null) continue;
        Object.assign(row, { ended: reason, sealed: null });
        count += 1;
      }
      return count;
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
    async purge(now) {
      for (const [key, row] of rows) if (row.purgeAt <= now) rows.delete(key);
      for (const [name, { expiresAt }] of remembered) if (expiresAt <= now) remembered.delete(name);
    },
    async close() {},
  };
}
