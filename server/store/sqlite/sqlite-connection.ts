import type Libsql from 'libsql';
import { Database } from './peer-libsql.js';

export type Bind = (string | number | null)[];

export interface SqliteConnection {
  /** Runs a statement; the number of rows that it changed. */
  run(sql: string, bind: Bind): number;
  get(sql: string, bind: Bind): unknown;
  all(sql: string, bind: Bind): unknown[];
  exec(sql: string): void;
  close(): void;
  /**
   * Every write is in one, so that a busy file is noticed at `begin`: a single statement that finds
   * it busy stays half done in libsql, and its connection in an old snapshot from which no write
   * ever succeeds.
   */
  transaction(work: () => void): void;
}

/**
 * `synchronous=FULL` costs an fsync per write and is for what was promised in an answer; the rest
 * may be lost with the power.
 */
export function connectSqlite(path: string, synchronous: 'FULL' | 'NORMAL'): SqliteConnection {
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
    run: (sql, bind) => prepare(sql).run(bind).changes,
    // Not libsql's `get`, which leaves the statement on its first row and the connection in a
    // snapshot.
    get: (sql, bind): unknown => prepare(sql).all(bind)[0],
    all: (sql, bind): unknown[] => prepare(sql).all(bind),
    exec: (sql) => void db.exec(sql),
    close: () => void db.close(),
    transaction(work) {
      db.exec('begin immediate');
      try {
        work();
        db.exec('commit');
      } catch (error) {
        if (db.inTransaction) db.exec('rollback');
        throw error;
      }
    },
  };
}
