import { createHash } from 'node:crypto';
import { LONGEST_LEASE } from '../store.js';

/** A step that Redis runs as one, with the SHA-1 that it knows it by (`EVALSHA`). */
export interface RedisScript {
  lua: string;
  sha: string;
}

const script = (lua: string): RedisScript => ({ lua, sha: createHash('sha1').update(lua).digest('hex') });

/**
 * For scripts that change only a living session: what `EXISTS` says is false for one that is gone,
 * `ended` is set on a tombstone.
 */
const IF_LIVING = `if redis.call('EXISTS', KEYS[1]) == 0 or redis.call('HEXISTS', KEYS[1], 'ended') == 1 then return false end`;

/** A key that is there keeps its value; the value then kept. */
export const KEEP_ONCE = script(`
redis.call('SETNX', KEYS[1], ARGV[1])
return redis.call('GET', KEYS[1])`);

/**
 * The session, and its name in the lists of those of its user and of its provider session. Redis
 * drops a session by itself when its time is over, and a list with its last; names that others left
 * in the list are dropped here.
 */
export const CREATE = script(`
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
local key, created, span = ARGV[1], ARGV[2], tonumber(ARGV[3])
redis.call('HSET', KEYS[1], 'generation', 1, unpack(ARGV, 4))
redis.call('PEXPIRE', KEYS[1], span)
for i = 2, #KEYS do
  redis.call('ZREMRANGEBYSCORE', KEYS[i], '-inf', '(' .. (created - span))
  redis.call('ZADD', KEYS[i], created, key)
  if redis.call('PTTL', KEYS[i]) < span then redis.call('PEXPIRE', KEYS[i], span) end
end
return 1`);

/**
 * `now` is the clock of Redis in milliseconds: leases are judged by that one clock, whatever the
 * clocks of the servers say.
 */
const NOW = `local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)`;

/** The fields of a record. The tokens are none of them: a beat without a grant opens none. */
export const COLUMNS = ['generation', 'last_active', 'facts', 'notes', 'ended', 'holder', 'until'] as const;

const GET_RECORD = `local row = redis.call('HMGET', KEYS[1], ${COLUMNS.map((name) => `'${name}'`).join(', ')})`;
const [GENERATION, LAST_ACTIVE, , NOTES, ENDED, HOLDER, UNTIL] = COLUMNS.map((_, n) => `row[${n + 1}]`);

export const READ = script(`${NOW}
${GET_RECORD}
return {now, row}`);

/**
 * Moves the last activity as `SessionStore.readAndTouch` says; the record is the one from before.
 */
export const READ_AND_TOUCH = script(`${NOW}
${GET_RECORD}
if not ${ENDED} and ${LAST_ACTIVE} then
  local at, before = tonumber(ARGV[1]), tonumber(${LAST_ACTIVE})
  if at - before >= tonumber(ARGV[2]) and before > tonumber(ARGV[3]) then
    redis.call('HSET', KEYS[1], 'last_active', ARGV[1])
  end
end
return {now, row}`);

/** Numbers in a table of Lua are written with 14 digits: enough for an instant in milliseconds. */
export const ACQUIRE = script(`${NOW}
${GET_RECORD}
if not ${GENERATION} then return {now, row, '', false} end
local holder, span, instead = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local owner, till = ${HOLDER}, tonumber(${UNTIL} or 0)
if owner and till > now and till <= now + ${LONGEST_LEASE} * span and owner ~= holder and owner ~= instead then
  return {now, row, owner, false}
end
redis.call('HSET', KEYS[1], 'holder', holder, 'until', string.format('%.0f', now + span))
local sealed = redis.call('HGET', KEYS[1], 'sealed')
if not ${ENDED} and ${GENERATION} == ARGV[4] then
  local notes = cjson.decode(${NOTES})
  notes.attempt = notes.attempt + 1
  notes.marker = {generation = tonumber(ARGV[4]), attempt = notes.attempt, holder = holder, at = tonumber(ARGV[5])}
  notes.undecidedUntil = cjson.null
  redis.call('HSET', KEYS[1], 'notes', cjson.encode(notes))
end
return {now, row, holder, sealed}`);

export const RENEW = script(`${NOW}
if redis.call('HGET', KEYS[1], 'holder') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'until', string.format('%.0f', now + ARGV[2]))
return 1`);

/** With the notes to put back and their generation, where no token was sent. */
export const RELEASE = script(`
if redis.call('HGET', KEYS[1], 'holder') ~= ARGV[1] then return end
redis.call('HDEL', KEYS[1], 'holder', 'until')
if ARGV[2] and redis.call('HGET', KEYS[1], 'generation') == ARGV[2] and redis.call('HEXISTS', KEYS[1], 'ended') == 0 then
  redis.call('HSET', KEYS[1], 'notes', ARGV[3])
end`);

const IF_CURRENT = `${IF_LIVING}
if redis.call('HGET', KEYS[1], 'generation') ~= ARGV[1] then return false end`;

export const NOTE = script(`
${IF_CURRENT}
redis.call('HSET', KEYS[1], 'notes', ARGV[2])
return 1`);

/**
 * The notes start again, except for the number of attempts. The lease of the holder is given back.
 */
export const COMMIT = script(`
${IF_CURRENT}
local notes = cjson.decode(ARGV[4])
notes.attempt = cjson.decode(redis.call('HGET', KEYS[1], 'notes')).attempt
redis.call('HINCRBY', KEYS[1], 'generation', 1)
redis.call('HSET', KEYS[1], 'facts', ARGV[2], 'sealed', ARGV[3], 'notes', cjson.encode(notes))
if redis.call('HGET', KEYS[1], 'holder') == ARGV[5] then redis.call('HDEL', KEYS[1], 'holder', 'until') end
return 1`);

export const END = script(`
${IF_LIVING}
local gone = redis.call('HMGET', KEYS[1], 'facts', 'sealed')
redis.call('HSET', KEYS[1], 'ended', ARGV[1])
redis.call('HDEL', KEYS[1], 'sealed')
return gone`);

/** Ends all that a list names with a score up to a limit; the facts of those that lived. */
export const END_ALL = script(`
local ended = {}
for _, key in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[2])) do
  local session = ARGV[3] .. key
  if redis.call('EXISTS', session) == 1 and redis.call('HEXISTS', session, 'ended') == 0 then
    redis.call('HSET', session, 'ended', ARGV[1])
    redis.call('HDEL', session, 'sealed')
    ended[#ended + 1] = redis.call('HGET', session, 'facts')
  end
end
return ended`);

export const REMEMBER = script(`
local value, now, expiry, span = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4]
local known = redis.call('HMGET', KEYS[1], 'value', 'expires_at')
local fresh = not known[1] or tonumber(known[2]) <= now
if fresh or tonumber(value) > tonumber(known[1]) then
  redis.call('HSET', KEYS[1], 'value', value, 'expires_at', expiry)
  redis.call('PEXPIRE', KEYS[1], span)
end
return fresh and 1 or 0`);
