import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { createKeyRing } from '../record/key-ring.js';
import { memoryStore } from '../store/memory-store.js';
import { connectSqlite } from '../store/sqlite/sqlite-connection.js';
import { sqliteStore } from '../store/sqlite/sqlite-store.js';
import type { SessionStore } from '../store/store.js';
import { recordLog } from '../testing/log-recorder.js';
import { HERE } from '../testing/service-bench.js';
import { createSessionService } from './create-session-service.js';

const ROWS = 20_000;

const folder = mkdtempSync(join(tmpdir(), 'stillhere-purge-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A service that no provider is needed for: its tokens are not due. */
function serviceOver(store: SessionStore) {
  const issuer = () => Promise.reject(new Error('no token is due'));
  const keys = createKeyRing([randomBytes(32).toString('base64url')]);
  const service = createSessionService({ issuer, store, keys, logger: recordLog(), refreshTokenIdle: 600 });
  return {
    service,
    async open() {
      const identity = { issuer: 'https://id.example', subject: 'ada', providerSessionId: null };
      const tokens = {
        ...{ accessToken: 'a', accessTokenExpiresIn: 3_600, refreshToken: 'r', refreshExpiresIn: null },
        ...{ idToken: null, scope: null },
      };
      const created = await service.create({ identity, tokens });
      if (!created.ok) throw new Error('no session was created');
      return created;
    },
  };
}

interface Crowded {
  store: SessionStore;
  /** How many sessions are left. */
  count(): Promise<number>;
}

const keyOf = (n: number) => `old-${n}`;

async function crowdedMemory(): Promise<Crowded> {
  const store = memoryStore();
  const facts = {
    ...{ sessionId: 's', user: 'u', createdAt: 0, absoluteEndAt: 1, grantedAt: 0, accessExpiresAt: null },
    ...{ accessLife: null, refreshIdle: null, refreshEndAt: null, hasRefreshToken: true },
  };
  const old = { facts, lastActiveAt: 0, sidKey: null, sealed: 'x', purgeAt: 1 };
  for (let n = 0; n < ROWS; n += 1) await store.create({ ...old, key: keyOf(n) });
  return {
    store,
    async count() {
      const found = await Promise.all(Array.from({ length: ROWS }, (_, n) => store.read(keyOf(n))));
      return found.filter((record) => record !== null).length;
    },
  };
}

async function crowdedFile(): Promise<Crowded> {
  const path = join(folder, 'crowded.db');
  const store = await sqliteStore(path);
  const db = connectSqlite(path, 'NORMAL');
  const numbers = `with recursive n (i) as (select 0 union all select i + 1 from n where i < ${ROWS - 1})`;
  db.transaction(() => {
    db.run(
      `insert into sessions ${numbers} select 'old-' || i, 1, 0, '{}', '{}', null, 'u' || i, 's' || i, 0, 1 from n`,
      [],
    );
    db.run(`insert into tokens ${numbers} select 'old-' || i, hex(randomblob(1000)) from n`, []);
    db.run(`insert into remembered ${numbers} select 'once ' || i, 1, 1 from n`, []);
  });
  db.close();
  // What was made old above. The session that signs in, and what its service notes, stay.
  const olds = [
    "sessions where key like 'old-%'",
    "tokens where key like 'old-%'",
    "remembered where name like 'once %'",
  ];
  const sizes = olds.map((rows) => `(select count(*) from ${rows})`);
  return {
    store,
    async count() {
      const reader = connectSqlite(path, 'NORMAL');
      const [rows] = reader.all(`select ${sizes.join(' + ')} as left`, []) as { left: number }[];
      reader.close();
      return rows?.left ?? Number.NaN;
    },
  };
}

describe.each([
  ['in memory', crowdedMemory],
  ['in a SQLite file', crowdedFile],
] as const)('twenty thousand sessions to purge %s', (_name, make) => {
  it('leave turns to others all the time, and the beats of a new session are answered meanwhile', async () => {
    const { store, count } = await make();
    const bench = serviceOver(store);
    let isDone = false;
    let turns = 0;
    let beats = 0;
    const { purge } = store;
    const purged = new Promise<void>((resolve) => {
      store.purge = async (...args) => {
        const work = purge(...args);
        while (!isDone) {
          await nextTurn();
          turns += 1;
          void work.then(() => {
            isDone = true;
          });
        }
        resolve();
      };
    });
    // The first login after a quiet time.
    const { cookie } = await bench.open();
    while (!isDone) {
      await nextTurn();
      expect(await bench.service.beat(cookie, HERE)).toMatchObject({ kind: 'alive' });
      beats += 1;
    }
    await purged;
    expect(await count()).toBe(0);
    // A step is a thousand entries of a map or a hundred rows; in one step there would be one turn.
    expect(turns).toBeGreaterThanOrEqual(ROWS / 2_000);
    expect(beats).toBeGreaterThanOrEqual(5);
    await bench.service.close();
  }, 120_000);

  it('do not keep a process from ending', async () => {
    const { store, count } = await make();
    const bench = serviceOver(store);
    await bench.open();
    await bench.service.close();
    if (_name !== 'in memory') expect(await count()).toBeGreaterThan(ROWS / 2);
  }, 120_000);
});
