import { chmodSync, closeSync, openSync } from 'node:fs';
import type Libsql from 'libsql';
import { Database } from './peer-libsql.js';
import { numberOf, REVOKES, recordOf, textOf } from './record-row.js';
import { retryWhileBusy } from './sqlite-busy.js';
import { SCHEMA } from './sqlite-schema.js';
import { NO_NOTES, type SessionStore, StoreError } from './store.js';

type Bind = (string | number | null)[];

/** `synchronous=FULL` costs an fsync per write and is for what was promised to somebody; the rest may be lost with the power. */
function connect(path: string, synchronous: 'FULL' | 'NORMAL') {
  const db = new Database(path, { timeout: 0 });
  db.exec(`pragma synchronous = ${synchronous}`);
  const statements = new Map<string, Libsql.Statement<[Bind]>>();
  const prepare = (sql: string) => {
    const known = statements.get(sql) ?? db.prepare<[Bind]>(sql);
    statements.set(sql, known);
    return known;
  };
  // Binds are always an array: a lone object makes libsql abort the whole process.
  return {
    run: (sql: string, bind: Bind) => prepare(sql).run(bind).changes,
    // Not libsql's `get`, which leaves the statement on its first row and the connection in a snapshot.
    get: (sql: string, bind: Bind): unknown => prepare(sql).all(bind)[0],
    all: (sql: string, bind: Bind): unknown[] => prepare(sql).all(bind),
    exec: (sql: string) => db.exec(sql),
    close: () => db.close(),
    /**
     * Every write is in one, so that a busy file is noticed at `begin`: a single statement that finds it busy stays half done in libsql,
     * and its connection in an old snapshot from which no write ever succeeds.
     */
    transaction<T>(work: () => T): T {
      db.exec('begin immediate');
      try {
        const result = work();
        db.exec('commit');
        return result;
      } catch (error) {
        if (db.inTransaction) db.exec('rollback');
        throw error;
      }
    },
  };
}

const LIVING = 'ended is null';
/** What makes a record, and no more: every column that is read costs each beat. */
const RECORD = `select generation, last_active, facts, notes, ended, holder, until
  from sessions left join leases using (key) where key = ?`;

/**
 * The durable store: one SQLite file (WAL) on a local disk, shared by the processes of one host. The file is readable by its owner only.
 * Throws a `StoreError` where the file cannot be opened.
 */
export async function sqliteStore(path: string): Promise<SessionStore> {
  const open = () => {
    closeSync(openSync(path, 'a', 0o600));
    chmodSync(path, 0o600);
    const quick = connect(path, 'NORMAL');
    quick.exec('pragma journal_mode = WAL');
    quick.exec(SCHEMA);
    return { quick, durable: connect(path, 'FULL') };
  };
  const { quick, durable } = await retryWhileBusy(open);
  let closed = false;
  const retry = <T>(work: () => T): Promise<T> => {
    if (closed) return Promise.reject(new StoreError('The session store is closed'));
    return retryWhileBusy(work);
  };

  const quickly = <T>(work: () => T): Promise<T> => retry(() => quick.transaction(work));
  const durably = <T>(work: () => T): Promise<T> => retry(() => durable.transaction(work));

  /** What came to be written since the event loop turned: many small writes share one transaction. */
  let touches = new Map<string, number>();
  let written: Promise<void> | null = null;
  const writeTouches = async (): Promise<void> => {
    await new Promise(setImmediate);
    const batch = touches;
    touches = new Map();
    written = null;
    await quickly(() => {
      const sql = `update sessions set last_active = ? where key = ? and last_active < ? and ${LIVING}`;
      for (const [key, at] of batch) quick.run(sql, [at, key, at]);
    });
  };

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

    read: (key) => retry(() => recordOf(quick.get(RECORD, [key]), key)),

    readSealed: (key) => retry(() => textOf(quick.get('select sealed from tokens where key = ?', [key]), 'sealed')),

    touch(key, at) {
      touches.set(key, Math.max(at, touches.get(key) ?? 0));
      written ??= writeTouches();
      return written;
    },

    acquire: ({ key, holder, now, until, instead }) =>
      quickly(() => {
        const sql = `insert into leases values (?, ?, ?) on conflict (key) do update set holder = excluded.holder,
          until = excluded.until where until <= ? or holder = excluded.holder or holder = ? returning holder`;
        const won = textOf(quick.get(sql, [key, holder, until, now, instead ?? '']), 'holder');
        return won ?? textOf(quick.get('select holder from leases where key = ?', [key]), 'holder') ?? '';
      }),

    renew: (key, holder, until) =>
      quickly(() => quick.run('update leases set until = ? where key = ? and holder = ?', [until, key, holder]) === 1),

    release: (key, holder) =>
      quickly(() => {
        quick.run('delete from leases where key = ? and holder = ?', [key, holder]);
      }),

    note: (key, generation, notes) =>
      quickly(() => {
        const sql = `update sessions set notes = ? where key = ? and generation = ? and ${LIVING}`;
        return quick.run(sql, [JSON.stringify(notes), key, generation]) === 1;
      }),

    commit: (key, generation, { facts, sealed }) =>
      durably(() => {
        const sql = `update sessions set generation = generation + 1, facts = ?,
            notes = json_set(?, '$.attempt', json_extract(notes, '$.attempt'))
            where key = ? and generation = ? and ${LIVING}`;
        const moved = durable.run(sql, [JSON.stringify(facts), JSON.stringify(NO_NOTES), key, generation]) === 1;
        if (moved) durable.run('update tokens set sealed = ? where key = ?', [sealed, key]);
        return moved;
      }),

    end: (key, reason, { revokes = false } = {}) =>
      durably(() => {
        const record = recordOf(durable.get(RECORD, [key]), key);
        if (!record || record.ended !== null) return null;
        return { facts: record.facts, sealed: bury(key, revokes ? `${reason}${REVOKES}` : reason) };
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
        for (const row of rows) bury(textOf(row, 'key') ?? '', reason);
        return rows.length;
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

    purge: (now) =>
      quickly(() => {
        quick.run('delete from tokens where key in (select key from sessions where purge_at <= ?)', [now]);
        quick.run('delete from sessions where purge_at <= ?', [now]);
        quick.run('delete from remembered where expires_at <= ?', [now]);
        quick.run('delete from leases where until <= ? - 86400000', [now]);
      }),

    async close() {
      if (closed) return;
      closed = true;
      durable.close();
      quick.close();
    },
  };
}
