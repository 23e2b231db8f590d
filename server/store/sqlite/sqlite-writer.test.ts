import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { connectSqlite } from './sqlite-connection.js';
import { createWriter } from './sqlite-writer.js';

const folder = mkdtempSync(join(tmpdir(), 'stillhere-writer-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('a write waits for a locked file also if it shared its transaction with one that failed', async () => {
  const path = join(folder, 'shared.db');
  const [own, other] = [connectSqlite(path, 'NORMAL'), connectSqlite(path, 'NORMAL')];
  own.exec('pragma journal_mode = WAL');
  own.exec('create table written (n integer)');
  let transactions = 0;
  const write = createWriter({
    ...own,
    transaction(work) {
      transactions += 1;
      // The first is of both writes, the second of the one that fails. Then the file is locked.
      if (transactions === 3) other.exec('begin immediate');
      if (transactions === 4) other.exec('commit');
      own.transaction(work);
    },
  });
  const failing = write(() => {
    throw new TypeError('no row');
  });
  const waiting = write(() => own.run('insert into written values (?)', [1]));
  await expect(failing).rejects.toMatchObject({ code: 'store_unavailable', kind: 'TypeError' });
  expect(await waiting).toBe(1);
  expect(own.all('select n from written', [])).toEqual([{ n: 1 }]);
  for (const connection of [own, other]) connection.close();
});
