import { REVOKES, recordOf } from './record-row.js';
import type { RedisConnection } from './redis-connection.js';
import * as scripts from './redis-scripts.js';
import { NO_NOTES, type SessionStore } from './store.js';

/** What makes a record; the tokens are not among it, since a beat without a grant opens none. */
const COLUMNS = ['generation', 'last_active', 'facts', 'notes', 'ended', 'holder', 'until'] as const;
const NUMBERS: readonly string[] = ['generation', 'last_active', 'until'];

/** How much longer than asked a name is remembered, in milliseconds: clocks of several hosts differ, and each judges by its own. */
const MARGIN = 60_000;

/** An absent field is left out, as a column that is null. */
const rowOf = (values: readonly (string | null)[]): Record<string, unknown> =>
  Object.fromEntries(
    COLUMNS.map((name, n) => [name, values[n] ?? null] as const).map(([name, value]) => [
      name,
      value !== null && NUMBERS.includes(name) ? Number(value) : value,
    ]),
  );

/**
 * The store for several hosts: one Redis or Valkey, whose scripts make every method one step. `prefix` keeps applications apart. A session
 * is one hash, which Redis drops by itself when nobody needs it any more. As durable as that Redis is: `appendonly yes`, no eviction.
 * Each method throws a `StoreError` where Redis cannot be asked or does not answer in 5 s.
 */
export function redisStore({ ask, run, close }: RedisConnection, prefix: string): SessionStore {
  const sessions = `${prefix}session:`;
  const ofUser = (user: string) => `${prefix}user:${user}`;
  const ofSid = (sidKey: string) => `${prefix}sid:${sidKey}`;
  const remembered = (name: string) => `${prefix}remembered:${name}`;
  const onSession = async (script: scripts.RedisScript, key: string, ...args: (string | number)[]) =>
    run(script, [sessions + key], args);
  const did = async (work: Promise<unknown>) => (await work) === 1;

  return {
    async keepOnce(name, made) {
      return String(await run(scripts.KEEP_ONCE, [`${prefix}kept:${name}`], [made]));
    },

    create({ key, facts, lastActiveAt, sidKey, sealed, purgeAt }) {
      const lists = [ofUser(facts.user), ...(sidKey === null ? [] : [ofSid(sidKey)])];
      const fields = {
        last_active: lastActiveAt,
        facts: JSON.stringify(facts),
        notes: JSON.stringify(NO_NOTES),
        sealed,
      };
      const created = facts.createdAt;
      const args = [key, created, purgeAt - created, ...Object.entries(fields).flat()];
      return did(run(scripts.CREATE, [sessions + key, ...lists], args));
    },

    read: (key) => ask(async (redis) => recordOf(rowOf(await redis.hmget(sessions + key, ...COLUMNS)), key)),

    readSealed: (key) => ask((redis) => redis.hget(sessions + key, 'sealed')),

    async touch(key, lastActiveAt) {
      await onSession(scripts.TOUCH, key, lastActiveAt);
    },

    async acquire({ key, holder, now, until, instead = '' }) {
      return String(await onSession(scripts.ACQUIRE, key, holder, now, until, instead));
    },

    renew: (key, holder, until) => did(onSession(scripts.RENEW, key, holder, until)),

    async release(key, holder) {
      await onSession(scripts.RELEASE, key, holder);
    },

    note: (key, generation, notes) => did(onSession(scripts.NOTE, key, generation, JSON.stringify(notes))),

    commit: (key, generation, { facts, sealed }) =>
      did(onSession(scripts.COMMIT, key, generation, JSON.stringify(facts), sealed, JSON.stringify(NO_NOTES))),

    async end(key, reason, { revokes = false } = {}) {
      const gone = await onSession(scripts.END, key, revokes ? `${reason}${REVOKES}` : reason);
      if (!Array.isArray(gone)) return null;
      const [facts, sealed] = gone;
      return { facts: JSON.parse(String(facts)), sealed: typeof sealed === 'string' ? sealed : null };
    },

    async endAll(selector, reason) {
      const [list, limit] =
        'user' in selector ? [ofUser(selector.user), selector.createdUpTo] : [ofSid(selector.sidKey), '+inf'];
      return Number(await run(scripts.END_ALL, [list], [reason, limit, sessions]));
    },

    remember: ({ name, value, now, expiresAt }) =>
      did(run(scripts.REMEMBER, [remembered(name)], [value, now, expiresAt, Math.max(0, expiresAt - now) + MARGIN])),

    recall: (name, now) =>
      ask(async (redis) => {
        const [value, expiresAt] = await redis.hmget(remembered(name), 'value', 'expires_at');
        return value && Number(expiresAt) > now ? Number(value) : null;
      }),

    // Redis does that by itself.
    async purge() {},

    close,
  };
}
