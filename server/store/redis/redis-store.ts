import { endedText, recordOf } from '../record-row.js';
import { shiftFacts, shiftNotes, shiftRecord } from '../shift-instants.js';
import { type FlightNotes, NO_NOTES, type SessionFacts, type SessionStore } from '../store.js';
import type { RedisConnection } from './redis-connection.js';
import * as scripts from './redis-scripts.js';

const NUMBERS: readonly string[] = ['generation', 'last_active', 'until'];

/** How much longer than asked a name is kept, in milliseconds: clocks may be set. */
const MARGIN = 60_000;

/** An absent field is left out, as a column that is null. */
const rowOf = (values: readonly unknown[]): Record<string, unknown> =>
  Object.fromEntries(
    scripts.COLUMNS.map((name, n) => [name, values[n] ?? null] as const).map(([name, value]) => [
      name,
      value !== null && NUMBERS.includes(name) ? Number(value) : value,
    ]),
  );

/**
 * The store for several hosts: one Redis or Valkey, whose scripts make every method one step.
 * `prefix` keeps applications apart. A session is one hash, which Redis drops by itself when nobody
 * needs it any more. As durable as that Redis is: `appendonly yes`, no eviction. Each method throws
 * a `StoreError` where Redis cannot be asked or does not answer in 4.5 s.
 */
export function redisStore({ ask, run, clock, close }: RedisConnection, prefix: string): SessionStore {
  const sessions = `${prefix}session:`;
  const ofUser = (user: string) => `${prefix}user:${user}`;
  const ofSid = (sidKey: string) => `${prefix}sid:${sidKey}`;
  const leftAt = (name: string) => `${prefix}left:${name}`;
  const remembered = (name: string) => `${prefix}remembered:${name}`;
  const onSession = async (script: scripts.RedisScript, key: string, ...args: (string | number)[]) =>
    run(script, [sessions + key], args);
  /** An instant of this host's clock by that of Redis: what is stored is by the latter. */
  const stored = (instant: number) => instant + clock.aheadMs();
  const factsText = (facts: SessionFacts) => JSON.stringify(shiftFacts(facts, clock.aheadMs()));
  const factsOf = (text: unknown): SessionFacts => shiftFacts(JSON.parse(String(text)), -clock.aheadMs());
  const notesText = (notes: FlightNotes) => JSON.stringify(shiftNotes(notes, clock.aheadMs()));

  /** Runs a script that answers with the clock of Redis, the columns of a record and more. */
  async function readBy(script: scripts.RedisScript, key: string, ...args: (string | number)[]) {
    const sentAt = Date.now();
    const answer = await onSession(script, key, ...args);
    const [now, values, ...more]: unknown[] = Array.isArray(answer) ? answer : [];
    clock.measure(Number(now), sentAt, Date.now());
    const record = Array.isArray(values) ? recordOf(rowOf(values), key, Number(now)) : null;
    return { record: record && shiftRecord(record, -clock.aheadMs()), more };
  }
  const did = async (work: Promise<unknown>) => (await work) === 1;

  return {
    async keepOnce(name, made) {
      return String(await run(scripts.KEEP_ONCE, [`${prefix}kept:${name}`], [made]));
    },

    create({ key, facts, lastActiveAt, sidKey, sealed, purgeAt }) {
      const lists = [ofUser(facts.user), ...(sidKey === null ? [] : [ofSid(sidKey)])];
      const fields = {
        last_active: stored(lastActiveAt),
        facts: factsText(facts),
        notes: JSON.stringify(NO_NOTES),
        sealed,
      };
      const created = facts.createdAt;
      const args = [key, stored(created), purgeAt - created, ...Object.entries(fields).flat()];
      return did(run(scripts.CREATE, [sessions + key, ...lists], args));
    },

    read: async (key) => (await readBy(scripts.READ, key)).record,

    readSealed: (key) => ask((redis) => redis.hget(sessions + key, 'sealed')),

    readAndTouch: async (key, { at, step, after }) =>
      (await readBy(scripts.READ_AND_TOUCH, key, stored(at), step, stored(after))).record,

    async acquire({ key, holder, leaseMs, intent, instead = '' }) {
      const args = [holder, leaseMs, instead, intent.generation, stored(intent.at)];
      const { record, more } = await readBy(scripts.ACQUIRE, key, ...args);
      const [owner, sealed] = more;
      if (owner !== holder) return { owner: String(owner), record: null, sealed: null };
      return { owner: holder, record, sealed: typeof sealed === 'string' ? sealed : null };
    },

    renew: (key, holder, leaseMs) => did(onSession(scripts.RENEW, key, holder, leaseMs)),

    async release(key, holder, unsent) {
      const notes = unsent ? [unsent.generation, notesText(unsent.notes)] : [];
      await onSession(scripts.RELEASE, key, holder, ...notes);
    },

    note: (key, generation, notes) => did(onSession(scripts.NOTE, key, generation, notesText(notes))),

    commit(key, generation, { facts, sealed, holder = '' }) {
      const args = [generation, factsText(facts), sealed, JSON.stringify(NO_NOTES), holder];
      return did(onSession(scripts.COMMIT, key, ...args));
    },

    async end(key, reason, { replacedAt, ...how } = {}) {
      const replaced = replacedAt === undefined ? {} : { replacedAt: stored(replacedAt) };
      const gone = await onSession(scripts.END, key, endedText(reason, { ...how, ...replaced }));
      if (!Array.isArray(gone)) return null;
      const [facts, sealed] = gone;
      return {
        facts: factsOf(facts),
        sealed: typeof sealed === 'string' ? sealed : null,
      };
    },

    async endAll(selector, reason) {
      const [list, limit] =
        'user' in selector ? [ofUser(selector.user), stored(selector.createdUpTo)] : [ofSid(selector.sidKey), '+inf'];
      const ended = await run(scripts.END_ALL, [list], [reason, limit, sessions]);
      return Array.isArray(ended) ? ended.map(factsOf) : [];
    },

    remember({ name, value, now, expiresAt }) {
      const span = Math.max(0, expiresAt - now) + MARGIN;
      return did(run(scripts.REMEMBER, [remembered(name)], [value, stored(now), stored(expiresAt), span]));
    },

    recall: (name, now) =>
      ask(async (redis) => {
        const [value, expiresAt] = await redis.hmget(remembered(name), 'value', 'expires_at');
        return value && Number(expiresAt) > stored(now) ? Number(value) : null;
      }),

    async leave({ name, text, now, expiresAt }) {
      await ask((redis) => redis.set(leftAt(name), text, 'PX', Math.max(1, expiresAt - now)));
    },

    take: (name) => ask((redis) => redis.getdel(leftAt(name))),

    // Redis does that by itself.
    async purge() {},

    close,
  };
}
