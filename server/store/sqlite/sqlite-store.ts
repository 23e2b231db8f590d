import { chmodSync, closeSync, openSync } from 'node:fs';
import { endedText, numberOf, recordOf, textOf } from '../record-row.js';
import { LONGEST_LEASE, NO_NOTES, type SessionRecord, type SessionStore, StoreError, withIntent } from '../store.js';
import { retryWhileBusy } from './sqlite-busy.js';
import { connectSqlite } from './sqlite-connection.js';
import { purgeSqlite } from './sqlite-purge.js';
import { SCHEMA } from './sqlite-schema.js';
import { createWriter } from './sqlite-writer.js';

const LIVING = 'ended is null';
/** The columns of a record, and no other ones: every column that is read costs each beat. */
const RECORD = `select generation, last_active, facts, notes, ended, holder, until
  from sessions left join leases using (key) where key = ?`;

/**
 * The durable store: one SQLite file (WAL) on a local disk, shared by the processes of one host.
 * The file is readable by its owner only. Throws a `StoreError` where the file cannot be opened.
 */
export async function sqliteStore(path: string): Promise<SessionStore> {
  const open = () => {
    closeSync(openSync(path, 'a', 0o600));
    chmodSync(path, 0o600);
    const quick = connectSqlite(path, 'NORMAL');
    try {
      quick.exec('pragma journal_mode = WAL');
      // Kibibytes: with the default of 2 MB many sessions cost each read a system call.
      quick.exec('pragma cache_size = -65536');
      quick.exec(SCHEMA);
      return { quick, durable: connectSqlite(path, 'FULL') };
    } catch (error) {
      quick.close();
      throw error;
    }
  };
  const { quick, durable } = await retryWhileBusy(open);
  let closed = false;
  const unlessClosed = <T>(ask: () => Promise<T>): Promise<T> =>
    closed ? Promise.reject(new StoreError('The session store is closed')) : ask();
  const retry = <T>(work: () => T): Promise<T> => unlessClosed(() => retryWhileBusy(work));
  const writeQuickly = createWriter(quick);
  const writeDurably = createWriter(durable);
  const quickly = <T>(work: () => T): Promise<T> => unlessClosed(() => writeQuickly(work));
  const durably = <T>(work: () => T): Promise<T> => unlessClosed(() => writeDurably(work));
  const readFrom = (db: typeof quick, key: string): SessionRecord | null =>
    recordOf(db.get(RECORD, [key]), key, Date.now());
  const sealedOf = (key: string) => textOf(quick.get('select sealed from tokens where key = ?', [key]), 'sealed');
  const noted = `update sessions set notes = ? where key = ? and generation = ? and ${LIVING}`;

  const bury = (key: string, reason: string): string | null => {
    const sealed = textOf(durable.get('delete from tokens where key = ? returning sealed', [key]), 'sealed');
    durable.run(`update sessions set ended = ? where key = ? and ${LIVING}`, [reason, key]);
    return sealed;
  };

  return {
    keepOnce: (name, made) =>
      durably(() => {
        durable.run('insert into kept values (?, ?) on conflict do nothing', [name, made]);
        return textOf(durable.get('select value from kept where name = ?', [name]), 'value') ?? made;
      }),

    create: ({ key, facts, lastActiveAt, sidKey, sealed, purgeAt }) =>
      durably(() => {
        const added = durable.run(
          'insert into sessions values (?, 1, ?, ?, ?, null, ?, ?, ?, ?) on conflict do nothing',
          [
            key,
            lastActiveAt,
            JSON.stringify(facts),
            JSON.stringify(NO_NOTES),
            facts.user,
            sidKey,
            facts.createdAt,
            purgeAt,
          ],
        );
        if (added === 1) durable.run('insert into tokens values (?, ?)', [key, sealed]);
        return added === 1;
      }),

    read: (key) => retry(() => readFrom(quick, key)),

    readSealed: (key) => retry(() => sealedOf(key)),

    async readAndTouch(key, { at, step, after }) {
      const record = await retry(() => readFrom(quick, key));
      if (!record || record.ended !== null) return record;
      const { lastActiveAt } = record;
      if (at - lastActiveAt >= step && lastActiveAt > after) {
        const sql = `update sessions set last_active = ? where key = ? and last_active < ? and last_active > ? and ${LIVING}`;
        await quickly(() => quick.run(sql, [at, key, at, after]));
      }
      return record;
    },

    acquire: ({ key, holder, leaseMs, intent, instead = '' }) =>
      quickly(() => {
        const record = readFrom(quick, key);
        if (!record) return { owner: '', record: null, sealed: null };
        const { lease } = record;
        const isFree = !lease || lease.leftMs > LONGEST_LEASE * leaseMs;
        if (!isFree && lease.holder !== holder && lease.holder !== instead)
          return { owner: lease.holder, record: null, sealed: null };
        quick.run('insert or replace into leases values (?, ?, ?)', [key, holder, Date.now() + leaseMs]);
        const notes = JSON.stringify(withIntent(record.notes, { ...intent, holder }));
        quick.run(noted, [notes, key, intent.generation]);
        return { owner: holder, record, sealed: sealedOf(key) };
      }),

    renew: (key, holder, leaseMs) =>
      quickly(() => {
        const sql = 'update leases set until = ? where key = ? and holder = ?';
        return quick.run(sql, [Date.now() + leaseMs, key, holder]) === 1;
      }),

    release: (key, holder, unsent) =>
      quickly(() => {
        const ours = quick.run('delete from leases where key = ? and holder = ?', [key, holder]) === 1;
        if (ours && unsent) quick.run(noted, [JSON.stringify(unsent.notes), key, unsent.generation]);
      }),

    note: (key, generation, notes) => quickly(() => quick.run(noted, [JSON.stringify(notes), key, generation]) === 1),

    commit: (key, generation, { facts, sealed, holder = '' }) =>
      durably(() => {
        const sql = `update sessions set generation = generation + 1, facts = ?,
            notes = json_set(?, '$.attempt', json_extract(notes, '$.attempt'))
            where key = ? and generation = ? and ${LIVING}`;
        const moved = durable.run(sql, [JSON.stringify(facts), JSON.stringify(NO_NOTES), key, generation]) === 1;
        if (!moved) return false;
        durable.run('update tokens set sealed = ? where key = ?', [sealed, key]);
        durable.run('delete from leases where key = ? and holder = ?', [key, holder]);
        return true;
      }),

    end: (key, reason, how = {}) =>
      durably(() => {
        const record = readFrom(durable, key);
        if (!record || record.ended !== null) return null;
        return { facts: record.facts, sealed: bury(key, endedText(reason, how)) };
      }),

    endAll: (selector, reason) =>
      durably(() => {
        const rows =
          'user' in selector
            ? durable.all(`select key from sessions where user = ? and created <= ? and ${LIVING}`, [
                selector.user,
                selector.createdUpTo,
              ])
            : durable.all(`select key from sessions where sid_key = ? and ${LIVING}`, [selector.sidKey]);
        return rows.flatMap((row) => {
          const key = textOf(row, 'key') ?? '';
          const record = readFrom(durable, key);
          bury(key, reason);
          return record ? [record.facts] : [];
        });
      }),

    remember: ({ name, value, now, expiresAt }) =>
      durably(() => {
        durable.run('delete from remembered where name = ? and expires_at <= ?', [name, now]);
        const sql = 'insert into remembered values (?, ?, ?) on conflict do nothing';
        const fresh = durable.run(sql, [name, value, expiresAt]) === 1;
        const raise = 'update remembered set value = ?, expires_at = ? where name = ? and value < ?';
        if (!fresh) durable.run(raise, [value, expiresAt, name, value]);
        return fresh;
      }),

    recall: (name, now) =>
      retry(() =>
        numberOf(quick.get('select value from remembered where name = ? and expires_at > ?', [name, now]), 'value'),
      ),

    leave: ({ name, text, expiresAt }) =>
      quickly(() => {
        quick.run('insert or replace into left_texts values (?, ?, ?)', [name, text, expiresAt]);
      }),

    take: (name, now) =>
      quickly(() => {
        const found = quick.get('delete from left_texts where name = ? returning text, expires_at', [name]);
        return (numberOf(found, 'expires_at') ?? 0) > now ? textOf(found, 'text') : null;
      }),

    purge: (now, signal) => purgeSqlite(quick, quickly, now, signal),

    async close() {
      if (closed) return;
      closed = true;
      durable.close();
      quick.close();
    },
  };
}
