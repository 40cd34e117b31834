/**
 * The steps of RedisMailboxes. Keys, after the prefix: `box:U` (hash: epoch, seq, length, serial of the stream that may
 * speak), `log:U` (list of the latest messages, newest last, of which the last has number `seq`), `sent:U:M` (time a
 * message was accepted) and `events` (the stream that every process reads; a `stamp` tells when an event was accepted). Arguments begin with the prefix.
 */
const prelude = `
local prefix = ARGV[1]
local function box(userID) return prefix .. 'box:' .. userID end
local function log(userID) return prefix .. 'log:' .. userID end
local function int(value) return string.format('%.0f', value) end
local function tell(...) redis.call('XADD', prefix .. 'events', 'MAXLEN', '~', '10000', '*', ...) end
`;

/** Opens a mailbox's stream: { epoch, seq, serial, number of the oldest kept, what is kept after \`last\` if it can be }. */
export const attachScript = `${prelude}
local _, userID, newEpoch, lastEpoch, last, keepMs = unpack(ARGV)
redis.call('HSETNX', box(userID), 'epoch', newEpoch)
local serial = redis.call('INCR', prefix .. 'serial')
redis.call('HSET', box(userID), 'serial', serial)
redis.call('PEXPIRE', box(userID), keepMs)
redis.call('PEXPIRE', log(userID), keepMs)
local epoch = redis.call('HGET', box(userID), 'epoch')
local seq = tonumber(redis.call('HGET', box(userID), 'seq') or '0')
tell('kind', 'attached', 'user', userID, 'serial', serial)
local oldest = seq - redis.call('LLEN', log(userID)) + 1
local from = tonumber(last)
if lastEpoch ~= epoch or from > seq or from < oldest - 1 then return { epoch, int(seq), serial, 0, {} } end
return { epoch, int(seq), serial, 1, redis.call('LRANGE', log(userID), from - oldest + 1, -1) }`;

/** Puts \`data\` into mailboxes: { time of first acceptance, how many have it, 1 when it was accepted before }. */
export const publishScript = `${prelude}
local _, data, maxMessages, maxLength, from, msgID, time, rememberMs, mustReach, stamp = unpack(ARGV)
local sentKey = prefix .. 'sent:' .. from .. ':' .. msgID
if from ~= '' then
  local before = redis.call('GET', sentKey)
  if before then return { before, 0, 1 } end
end
local fields = {}
for index = 11, #ARGV do
  local userID = ARGV[index]
  local epoch = redis.call('HGET', box(userID), 'epoch')
  if epoch then
    local seq = redis.call('HINCRBY', box(userID), 'seq', 1)
    local length = redis.call('HINCRBY', box(userID), 'length', #data)
    local count = redis.call('RPUSH', log(userID), data)
    while count > tonumber(maxMessages) or (length > tonumber(maxLength) and count > 0) do
      length = redis.call('HINCRBY', box(userID), 'length', -#redis.call('LPOP', log(userID)))
      count = count - 1
    end
    local left = redis.call('PTTL', box(userID))
    if left > 0 then redis.call('PEXPIRE', log(userID), left) end
    fields[#fields + 1] = userID
    fields[#fields + 1] = epoch .. '.' .. int(seq)
  end
end
if mustReach == '1' and #fields == 0 then return { time, 0, 0 } end
if from ~= '' then redis.call('SET', sentKey, time, 'PX', rememberMs) end
for first = 1, #fields, 2000 do
  tell('kind', 'message', 'stamp', stamp, 'data', data, unpack(fields, first, math.min(first + 1999, #fields)))
end
return { time, #fields / 2, 0 }`;

/** Forgets a mailbox and ends its stream, after a last event if there is one. */
export const endScript = `${prelude}
local _, userID, data, stamp = unpack(ARGV)
local epoch = redis.call('HGET', box(userID), 'epoch')
if not epoch then return 0 end
local seq = tonumber(redis.call('HGET', box(userID), 'seq') or '0') + 1
redis.call('DEL', box(userID), log(userID))
tell('kind', 'end', 'user', userID, 'id', epoch .. '.' .. int(seq), 'stamp', stamp, 'data', data)
return 1`;

/**
 * Keeps mailboxes for so long from now: pairs of userID and serial; another stream's mailbox is left alone. Returns the
 * users whose mailbox is gone.
 */
export const keepScript = `${prelude}
local gone = {}
for index = 3, #ARGV, 2 do
  local userID = ARGV[index]
  if redis.call('HGET', box(userID), 'serial') == ARGV[index + 1] then
    redis.call('PEXPIRE', box(userID), ARGV[2])
    redis.call('PEXPIRE', log(userID), ARGV[2])
  elseif redis.call('EXISTS', box(userID)) == 0 then
    gone[#gone + 1] = userID
  end
end
return gone`;
