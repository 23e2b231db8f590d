import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { facts, storedSession } from '../../testing/stored-session.js';
import { connectSqlite } from './sqlite-connection.js';
import { sqliteStore } from './sqlite-store.js';

const folder = mkdtempSync(join(tmpdir(), 'stillhere-sqlite-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const newFile = () => join(folder, `${files++}.db`);

describe('the sqlite file', () => {
  it('is readable by its owner only and survives a restart', async () => {
    const path = newFile();
    const first = await sqliteStore(path);
    await first.create(storedSession('a'));
    for (const name of [path, `${path}-wal`]) expect(statSync(name).mode & 0o077).toBe(0);
    await first.close();
    const second = await sqliteStore(path);
    expect((await second.read('a'))?.facts).toEqual(facts);
    await second.close();
  });

  it('takes the file of a less careful time from everybody else, and goes on after a write that failed half-way', async () => {
    const path = newFile();
    writeFileSync(path, '', { mode: 0o644 });
    const store = await sqliteStore(path);
    expect(statSync(path).mode & 0o077).toBe(0);
    await store.create(storedSession('a'));
    const unwritable = Object.assign({ toJSON: () => 1n }, facts);
    for (let n = 0; n < 3; n += 1)
      await expect(store.commit('a', 1, { facts: unwritable, sealed: 'x' })).rejects.toMatchObject({
        code: 'store_unavailable',
      });
    expect(await store.commit('a', 1, { facts, sealed: 'second' })).toBe(true);
    expect(await store.read('a')).toMatchObject({ generation: 2, facts });
    await store.close();
  });

  it('waits for a lock of another process without holding up this one', async () => {
    const path = newFile();
    const store = await sqliteStore(path);
    await store.create(storedSession('a'));
    const code = `const db = new (require('libsql'))(process.argv[1]); db.exec('begin immediate'); console.log('locked');
      process.stdin.once('data', () => { db.exec('commit'); db.close(); process.exit(); });`;
    const locker = spawn(process.execPath, ['-e', code, path], { stdio: ['pipe', 'pipe', 'inherit'] });
    await once(locker.stdout, 'data');
    const done: string[] = [];
    const writes = [
      store.readAndTouch('a', { at: 5_000, step: 1, after: 0 }).then(() => done.push('touch')),
      store.commit('a', 1, { facts, sealed: 'second' }).then(() => done.push('commit')),
    ];
    // Blocked, this process would not even see its own timers until the lock is given up, which
    // only it can ask for.
    for (let n = 0; n < 10; n += 1) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(done).toEqual([]);
    expect((await store.read('a'))?.generation).toBe(1);
    locker.stdin.write('now');
    await Promise.all(writes);
    expect(await store.read('a')).toMatchObject({ generation: 2, lastActiveAt: 5_000 });
    await store.close();
  });

  it('is opened as soon as another process lets it go, and no attempt at it stays open', async () => {
    const path = newFile();
    const other = connectSqlite(path, 'NORMAL');
    other.exec('pragma journal_mode = WAL');
    other.exec('begin immediate');
    const opening = sqliteStore(path);
    // Some attempts long.
    await sleep(200);
    other.exec('commit');
    other.close();
    const store = await opening;
    // One is of the reading itself, and closed by then.
    const open = readdirSync('/proc/self/fd').flatMap((fd) => {
      try {
        return [readlinkSync(`/proc/self/fd/${fd}`)];
      } catch {
        return [];
      }
    });
    expect(open.filter((name) => name === path)).toHaveLength(2);
    await store.close();
  });

  it('says store_unavailable after it was closed and where it cannot be opened', async () => {
    const store = await sqliteStore(newFile());
    await store.close();
    await expect(store.read('a')).rejects.toMatchObject({ code: 'store_unavailable' });
    await expect(sqliteStore(join(folder, 'missing', 'x.db'))).rejects.toMatchObject({ code: 'store_unavailable' });
  });
});
