import { createHash } from 'node:crypto';

/** A step that Redis runs as one, with the SHA-1 that it knows it by (`EVALSHA`). */
export interface RedisScript {
  lua: string;
  sha: string;
}

const script = (lua: string): RedisScript => ({ lua, sha: createHash('sha1').update(lua).digest('hex') });

/** For scripts that change only a living session: what `EXISTS` says is false for one that is gone, `ended` is set on a tombstone. */
const IF_LIVING = `if redis.call('EXISTS', KEYS[1]) == 0 or redis.call('HEXISTS', KEYS[1], 'ended') == 1 then return false end`;

/** A key that is there keeps its value; the value then kept. */
export const KEEP_ONCE = script(`
redis.call('SETNX', KEYS[1], ARGV[1])
return redis.call('GET', KEYS[1])`);

/**
 * The session, and its name in the lists of those of its user and of its provider session. Redis drops a session by itself when its time is
 * over, and a list with its last; names that others left in the list are dropped here.
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

export const TOUCH = script(`
${IF_LIVING}
if tonumber(redis.call('HGET', KEYS[1], 'last_active')) < tonumber(ARGV[1]) then
  redis.call('HSET', KEYS[1], 'last_active', ARGV[1])
end`);

export const ACQUIRE = script(`
if redis.call('EXISTS', KEYS[1]) == 0 then return '' end
local holder, now, till, instead = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4]
local lease = redis.call('HMGET', KEYS[1], 'holder', 'until')
if lease[1] and tonumber(lease[2]) > now and lease[1] ~= holder and lease[1] ~= instead then return lease[1] end
redis.call('HSET', KEYS[1], 'holder', holder, 'until', till)
return holder`);

export const RENEW = script(`
if redis.call('HGET', KEYS[1], 'holder') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'until', ARGV[2])
return 1`);

export const RELEASE = script(`
if redis.call('HGET', KEYS[1], 'holder') == ARGV[1] then redis.call('HDEL', KEYS[1], 'holder', 'until') end`);

const IF_CURRENT = `${IF_LIVING}
if redis.call('HGET', KEYS[1], 'generation') ~= ARGV[1] then return false end`;

export const NOTE = script(`
${IF_CURRENT}
redis.call('HSET', KEYS[1], 'notes', ARGV[2])
return 1`);

/** The notes begin anew, but for the number of attempts. */
export const COMMIT = script(`
${IF_CURRENT}
local notes = cjson.decode(ARGV[4])
notes.attempt = cjson.decode(redis.call('HGET', KEYS[1], 'notes')).attempt
redis.call('HINCRBY', KEYS[1], 'generation', 1)
redis.call('HSET', KEYS[1], 'facts', ARGV[2], 'sealed', ARGV[3], 'notes', cjson.encode(notes))
return 1`);

export const END = script(`
${IF_LIVING}
local gone = redis.call('HMGET', KEYS[1], 'facts', 'sealed')
redis.call('HSET', KEYS[1], 'ended', ARGV[1])
redis.call('HDEL', KEYS[1], 'sealed')
return gone`);

/** Ends all that a list names with a score up to a limit; how many lived. */
export const END_ALL = script(`
local count = 0
for _, key in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[2])) do
  local session = ARGV[3] .. key
  if redis.call('EXISTS', session) == 1 and redis.call('HEXISTS', session, 'ended') == 0 then
    redis.call('HSET', session, 'ended', ARGV[1])
    redis.call('HDEL', session, 'sealed')
    count = count + 1
  end
end
return count`);

export const REMEMBER = script(`
local value, now, expiry, span = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4]
local known = redis.call('HMGET', KEYS[1], 'value', 'expires_at')
local fresh = not known[1] or tonumber(known[2]) <= now
if fresh or tonumber(value) > tonumber(known[1]) then
  redis.call('HSET', KEYS[1], 'value', value, 'expires_at', expiry)
  redis.call('PEXPIRE', KEYS[1], span)
end
return fresh and 1 or 0`);
