/**
 * The steps of RedisRoomStore that must be one: Redis runs a script without anything in between. Keys, all after the
 * prefix: `sequence`; `room:R` (hash); `seats:R` (sorted set, userIDs by order of joining); `member:U/R` (hash);
 * `stream:S` (set of U/R); for each type T `beats:T` (U/R by time of the last heartbeat), `pending:T` (R by time of
 * creation) and `active:T` (order/R by time of creation); `audience:R` (userIDs by order), `info:R` (hash of userInfo),
 * `audiences:U` (set of R), `audience-seen` (U/R by time); `custom:R` (hash), `custom-order:R`; `token:U` (hash),
 * `tokens` (U by expiry), `ended:U` (list of hash/reason/expiry, the latest last), `ended-tokens` (U by the latest expiry);
 * `revoked` (S by number) and `revoked-until` (S by second);
 * `processes` (sorted set of service processes by when they said last that they are there). A userID never holds a slash, so
 * U/R is read in one way only.
 *
 * Text that clients chose is never decoded here, and numbers beyond 14 digits never pass through Lua's own formatting.
 */
const prelude = `
local prefix = ARGV[1]
local function key(name, id) return prefix .. name .. (id and (':' .. id) or '') end
local function int(value) return string.format('%.0f', tonumber(value)) end
local function slash(userID, roomID) return userID .. '/' .. roomID end

-- Above any number given before, even when Redis lost its data meanwhile: clients compare versions.
local function nextNumber(now)
  local number = redis.call('INCR', key('sequence'))
  if number < tonumber(now) then
    number = tonumber(now)
    redis.call('SET', key('sequence'), int(number))
  end
  return int(number)
end

local function redisTime()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

local function typeOf(roomID) return redis.call('HGET', key('room', roomID), 'type') end

-- Values without names, in the order in which RedisRoomStore reads them: an answer half as long.
local function memberOf(kind, roomID, userID)
  local id = slash(userID, roomID)
  local fields = redis.call('HMGET', key('member', id), 'text', 'streamID', 'epoch', 'joinedAtMs')
  local beat = redis.call('ZSCORE', key('beats', kind), id)
  return { userID, fields, beat and int(beat) or '0' }
end

local function whole(roomID)
  local fields = redis.call('HMGET', key('room', roomID), 'type', 'roomInfo', 'creator', 'creatorStreamID', 'createdBy',
    'createdAtMs', 'active', 'version')
  local kind = fields[1]
  if not kind then return false end
  local members = {}
  for _, userID in ipairs(redis.call('ZRANGE', key('seats', roomID), 0, -1)) do
    members[#members + 1] = memberOf(kind, roomID, userID)
  end
  local audience, custom = {}, {}
  if kind == 'live_room' then
    audience = redis.call('ZRANGE', key('audience', roomID), 0, -1)
    for _, name in ipairs(redis.call('ZRANGE', key('custom-order', roomID), 0, -1)) do
      custom[#custom + 1] = name
      custom[#custom + 1] = redis.call('HGET', key('custom', roomID), name)
    end
  end
  return { roomID, fields, members, audience, custom }
end

local function activeEntry(roomID)
  return string.format('%020.0f', tonumber(redis.call('HGET', key('room', roomID), 'order'))) .. '/' .. roomID
end

local function forgetMember(kind, roomID, userID)
  local id = slash(userID, roomID)
  local stream = redis.call('HGET', key('member', id), 'streamID')
  if stream then redis.call('SREM', key('stream', stream), id) end
  redis.call('DEL', key('member', id))
  redis.call('ZREM', key('beats', kind), id)
  redis.call('ZREM', key('seats', roomID), userID)
end

local function forgetListener(roomID, userID)
  redis.call('HDEL', key('info', roomID), userID)
  redis.call('SREM', key('audiences', userID), roomID)
  redis.call('ZREM', key('audience-seen'), slash(userID, roomID))
  return redis.call('ZREM', key('audience', roomID), userID)
end

local function keepEnded(userID, hash, reason, expires, most)
  redis.call('RPUSH', key('ended', userID), hash .. '/' .. reason .. '/' .. expires)
  redis.call('LTRIM', key('ended', userID), -tonumber(most), -1)
  redis.call('ZADD', key('ended-tokens'), 'GT', expires, userID)
end

local function revokeStream(streamID, given, number)
  local seconds = tonumber(given)
  local before = tonumber(redis.call('ZSCORE', key('revoked-until'), streamID) or '0')
  if before >= seconds then seconds = before + 1 end
  redis.call('ZADD', key('revoked-until'), int(seconds), streamID)
  redis.call('ZADD', key('revoked'), number, streamID)
  return int(seconds)
end

local function forgetRoom(roomID)
  local kind = typeOf(roomID)
  for _, userID in ipairs(redis.call('ZRANGE', key('seats', roomID), 0, -1)) do forgetMember(kind, roomID, userID) end
  for _, userID in ipairs(redis.call('ZRANGE', key('audience', roomID), 0, -1)) do forgetListener(roomID, userID) end
  redis.call('ZREM', key('active', kind), activeEntry(roomID))
  redis.call('ZREM', key('pending', kind), roomID)
  redis.call('DEL', key('room', roomID), key('custom', roomID), key('custom-order', roomID))
end
`;

/** What failed of a call among others is an error reply in its place, and the others have their answers. */
const failure = `
local function failed(reason)
  return redis.error_reply(type(reason) == 'table' and reason.err or tostring(reason))
end`;

const bodies = {
  createRoom: `
    local _, kind, roomID, roomInfo, createdBy, created, now = unpack(ARGV)
    if redis.call('EXISTS', key('room', roomID)) == 1 then return 0 end
    local number = nextNumber(now)
    redis.call('HSET', key('room', roomID), 'type', kind, 'roomInfo', roomInfo, 'creator', '', 'creatorStreamID', '',
      'createdBy', createdBy, 'createdAtMs', created, 'active', '0', 'version', number, 'order', number)
    redis.call('ZADD', key('pending', kind), created, roomID)
    return 1`,
  findRoom: 'return whole(ARGV[2])',
  listRooms: `
    local first, count = tonumber(ARGV[3]), tonumber(ARGV[4])
    local rooms = {}
    if count < 1 then return rooms end
    for _, entry in ipairs(redis.call('ZRANGE', key('active', ARGV[2]), first, first + count - 1)) do
      rooms[#rooms + 1] = whole(string.sub(entry, 22))
    end
    return rooms`,
  // Only if the room is still as the caller saw it.
  removeRoom: `
    local roomID, version = ARGV[2], ARGV[3]
    local room = whole(roomID)
    if not room or redis.call('HGET', key('room', roomID), 'version') ~= version then return false end
    forgetRoom(roomID)
    return room`,
  addMember: `
    local _, kind, roomID, userID, text, streamID, digest, seats, time, now, signedUntil = unpack(ARGV)
    local revokedUntil = redis.call('ZSCORE', key('revoked-until'), streamID)
    if tonumber(revokedUntil or '0') >= tonumber(signedUntil) then return { 'revoked' } end
    if typeOf(roomID) ~= kind then return { 'roomNotFound' } end
    local id = slash(userID, roomID)
    local roomKey, memberKey = key('room', roomID), key('member', id)
    local isMember = redis.call('EXISTS', memberKey) == 1
    if not isMember and redis.call('ZCARD', key('seats', roomID)) >= tonumber(seats) then return { 'full' } end
    for _, holder in ipairs(redis.call('SMEMBERS', key('stream', streamID))) do
      if string.sub(holder, 1, #userID + 1) ~= userID .. '/' then return { 'streamTaken' } end
    end
    local number = nextNumber(now)
    local previous = isMember and memberOf(kind, roomID, userID) or false
    local status = 'added'
    if isMember then
      status = redis.call('HGET', memberKey, 'digest') == digest and 'refreshed' or 'replaced'
      redis.call('SREM', key('stream', redis.call('HGET', memberKey, 'streamID')), id)
    else
      redis.call('ZADD', key('seats', roomID), number, userID)
    end
    redis.call('HSET', memberKey, 'text', text, 'streamID', streamID, 'digest', digest)
    if status ~= 'refreshed' then redis.call('HSET', memberKey, 'epoch', number, 'joinedAtMs', time) end
    redis.call('SADD', key('stream', streamID), id)
    redis.call('ZADD', key('beats', kind), time, id)
    local creator = redis.call('HGET', roomKey, 'creator')
    if creator == '' or creator == userID then
      redis.call('HSET', roomKey, 'creator', userID, 'creatorStreamID', streamID)
    end
    if redis.call('ZREM', key('pending', kind), roomID) == 1 then
      redis.call('ZADD', key('active', kind), redis.call('HGET', roomKey, 'createdAtMs'), activeEntry(roomID))
    end
    redis.call('HSET', roomKey, 'active', '1', 'version', number)
    return { status, whole(roomID), previous }`,
  removeMember: `
    local _, kind, roomID, userID, dissolves, before, epoch, now, revokeUntil = unpack(ARGV)
    local room = typeOf(roomID) == kind and whole(roomID)
    local id = slash(userID, roomID)
    if not room or redis.call('EXISTS', key('member', id)) == 0 then return false end
    if epoch ~= '' and redis.call('HGET', key('member', id), 'epoch') ~= epoch then return false end
    if before ~= '' and tonumber(redis.call('ZSCORE', key('beats', kind), id)) >= tonumber(before) then return false end
    local version = nextNumber(now)
    local stream = redis.call('HGET', key('member', id), 'streamID')
    local ended = ''
    if redis.call('ZCARD', key('seats', roomID)) == 1 then ended = 'empty'
    elseif dissolves == '1' and redis.call('HGET', key('room', roomID), 'creator') == userID then ended = 'creatorLeft' end
    if ended ~= '' then forgetRoom(roomID)
    else
      forgetMember(kind, roomID, userID)
      redis.call('HSET', key('room', roomID), 'version', version)
    end
    local revoked = ''
    if revokeUntil ~= '' and redis.call('EXISTS', key('stream', stream)) == 0 then
      revoked = revokeStream(stream, revokeUntil, version)
    end
    return { ended, version, room, revoked }`,
  beat: `
    local _, kind, roomID, userID, now = unpack(ARGV)
    local id = slash(userID, roomID)
    if not redis.call('ZSCORE', key('beats', kind), id) then return false end
    redis.call('ZADD', key('beats', kind), now, id)
    return { redis.call('HGET', key('member', id), 'epoch'), redis.call('HGET', key('room', roomID), 'version') }`,
  expiredMembers: `
    local list = {}
    local kind, limit = ARGV[2], tonumber(ARGV[4])
    for _, id in ipairs(redis.call('ZRANGEBYSCORE', key('beats', kind), '-inf', '(' .. ARGV[3], 'LIMIT', 0, limit)) do
      list[#list + 1] = { id, redis.call('HGET', key('member', id), 'epoch') }
    end
    return list`,
  reapPendingRooms: `
    local rooms = {}
    local kind, limit = ARGV[2], tonumber(ARGV[4])
    for _, roomID in ipairs(redis.call('ZRANGEBYSCORE', key('pending', kind), '-inf', '(' .. ARGV[3], 'LIMIT', 0, limit)) do
      rooms[#rooms + 1] = whole(roomID)
      forgetRoom(roomID)
    end
    return rooms`,
  addAudience: `
    local _, kind, roomID, userID, info, most, seen, now = unpack(ARGV)
    if typeOf(roomID) ~= kind then return 'roomNotFound' end
    local isThere = redis.call('ZSCORE', key('audience', roomID), userID)
    if not isThere then
      if redis.call('ZCARD', key('audience', roomID)) >= tonumber(most) then return 'full' end
      redis.call('ZADD', key('audience', roomID), nextNumber(now), userID)
      redis.call('SADD', key('audiences', userID), roomID)
    end
    redis.call('HSET', key('info', roomID), userID, info)
    redis.call('ZADD', key('audience-seen'), seen, slash(userID, roomID))
    return isThere and 'refreshed' or 'added'`,
  removeAudience: `
    if typeOf(ARGV[3]) ~= ARGV[2] then return 0 end
    return forgetListener(ARGV[3], ARGV[4])`,
  removeFromAudiences: `
    for _, roomID in ipairs(redis.call('SMEMBERS', key('audiences', ARGV[2]))) do forgetListener(roomID, ARGV[2]) end
    return 1`,
  seeAudience: `
    for index = 2, #ARGV, 2 do
      for _, roomID in ipairs(redis.call('SMEMBERS', key('audiences', ARGV[index]))) do
        redis.call('ZADD', key('audience-seen'), 'GT', ARGV[index + 1], slash(ARGV[index], roomID))
      end
    end
    return 1`,
  expireAudience: `
    local ids = redis.call('ZRANGEBYSCORE', key('audience-seen'), '-inf', '(' .. ARGV[2], 'LIMIT', 0, tonumber(ARGV[3]))
    for _, id in ipairs(ids) do
      local at = string.find(id, '/', 1, true)
      forgetListener(string.sub(id, at + 1), string.sub(id, 1, at - 1))
    end
    return #ids`,
  listAudience: `
    if typeOf(ARGV[3]) ~= ARGV[2] then return false end
    local list = {}
    for _, userID in ipairs(redis.call('ZRANGE', key('audience', ARGV[3]), 0, -1)) do
      list[#list + 1] = { userID, redis.call('HGET', key('info', ARGV[3]), userID) }
    end
    return list`,
  // HINCRBY would go on beyond the integers that JavaScript knows.
  countCustom: `
    local _, kind, roomID, name, step, most, now = unpack(ARGV)
    if typeOf(roomID) ~= kind then return 'roomNotFound' end
    local value = redis.call('HGET', key('custom', roomID), name)
    if not value then
      if redis.call('HLEN', key('custom', roomID)) >= tonumber(most) then return 'full' end
      redis.call('ZADD', key('custom-order', roomID), nextNumber(now), name)
    end
    local after = tonumber(value or '0') + tonumber(step)
    if math.abs(after) <= 9007199254740991 then redis.call('HSET', key('custom', roomID), name, int(after)) end
    return 'counted'`,
  // Not while another process was there to hear them.
  renewAll: `
    local now, self, aliveMs = ARGV[2], ARGV[3], tonumber(ARGV[4])
    if self ~= '' then
      for _, id in ipairs(redis.call('ZRANGEBYSCORE', key('processes'), redisTime() - aliveMs, '+inf')) do
        if id ~= self then return 0 end
      end
    end
    local seen = key('audience-seen')
    for _, id in ipairs(redis.call('ZRANGEBYSCORE', seen, '-inf', '(' .. now)) do redis.call('ZADD', seen, now, id) end
    for index = 5, #ARGV do
      local beats, pending = key('beats', ARGV[index]), key('pending', ARGV[index])
      for _, id in ipairs(redis.call('ZRANGEBYSCORE', beats, '-inf', '(' .. now)) do redis.call('ZADD', beats, now, id) end
      for _, roomID in ipairs(redis.call('ZRANGE', pending, 0, -1)) do
        redis.call('ZADD', pending, now, roomID)
        redis.call('HSET', key('room', roomID), 'createdAtMs', now)
      end
    end
    return 1`,
  // Returns how many processes are found to be gone; one process alone is told of each.
  sayAlive: `
    local now = redisTime()
    redis.call('ZADD', key('processes'), now, ARGV[2])
    return redis.call('ZREMRANGEBYSCORE', key('processes'), '-inf', now - tonumber(ARGV[3]))`,
  countByType: `
    local counts = {}
    for index = 2, #ARGV do
      local kind = ARGV[index]
      counts[#counts + 1] = { kind, redis.call('ZCARD', key('pending', kind)) + redis.call('ZCARD', key('active', kind)),
        redis.call('ZCARD', key('beats', kind)) }
    end
    return counts`,
  putToken: `
    local _, userID, hash, expires, now, most = unpack(ARGV)
    local before = redis.call('HMGET', key('token', userID), 'hash', 'expiresAtMs')
    if before[1] and tonumber(before[2]) > tonumber(now) then
      keepEnded(userID, before[1], 'loggedInElsewhere', expires, most)
    end
    redis.call('HSET', key('token', userID), 'hash', hash, 'expiresAtMs', expires)
    redis.call('ZADD', key('tokens'), expires, userID)
    return before`,
  extendToken: `
    local _, userID, hash, expires = unpack(ARGV)
    if redis.call('HGET', key('token', userID), 'hash') ~= hash then return 0 end
    redis.call('HSET', key('token', userID), 'expiresAtMs', expires)
    redis.call('ZADD', key('tokens'), expires, userID)
    return 1`,
  deleteToken: `
    local _, userID, reason, expires, most = unpack(ARGV)
    local hash = redis.call('HGET', key('token', userID), 'hash')
    if hash and reason ~= '' then keepEnded(userID, hash, reason, expires, most) end
    redis.call('ZREM', key('tokens'), userID)
    return redis.call('DEL', key('token', userID))`,
  deleteExpiredTokens: `
    local users = redis.call('ZRANGEBYSCORE', key('tokens'), '-inf', ARGV[2], 'LIMIT', 0, tonumber(ARGV[3]))
    for _, userID in ipairs(users) do
      redis.call('DEL', key('token', userID))
      redis.call('ZREM', key('tokens'), userID)
    end
    local ended = redis.call('ZRANGEBYSCORE', key('ended-tokens'), '-inf', ARGV[2], 'LIMIT', 0, tonumber(ARGV[3]))
    for _, userID in ipairs(ended) do
      redis.call('DEL', key('ended', userID))
      redis.call('ZREM', key('ended-tokens'), userID)
    end
    return math.max(#users, #ended)`,
  revokeStream: `
    local _, streamID, seconds, now = unpack(ARGV)
    return revokeStream(streamID, seconds, nextNumber(now))`,
  revocationsSince: `
    local list = {}
    for _, streamID in ipairs(redis.call('ZRANGEBYSCORE', key('revoked'), '(' .. ARGV[2], '+inf', 'LIMIT', 0, ARGV[3])) do
      list[#list + 1] = { streamID, redis.call('ZSCORE', key('revoked-until'), streamID),
        redis.call('ZSCORE', key('revoked'), streamID) }
    end
    return list`,
  forgetRevocations: `
    local limit = tonumber(ARGV[4])
    local gone = redis.call('ZRANGEBYSCORE', key('revoked-until'), '-inf', ARGV[2], 'LIMIT', 0, limit)
    local tooMany = redis.call('ZCARD', key('revoked')) - tonumber(ARGV[3])
    if #gone == 0 and tooMany > 0 then gone = redis.call('ZRANGE', key('revoked'), 0, math.min(tooMany, limit) - 1) end
    for _, streamID in ipairs(gone) do
      redis.call('ZREM', key('revoked-until'), streamID)
      redis.call('ZREM', key('revoked'), streamID)
    end
    return #gone`,
} as const;

/**
 * What most calls ask, for a GatheredScript of calls of four arguments: which step, and what for. `token`: hash and expiry of a
 * user's token. `room`: a room, or 1 when it still has the version that the caller knows. `list`: ids and versions of
 * rooms that have a member. `revokedUntil`: a second.
 */
export const readScript = `${prelude}
${failure}
local steps = {}
function steps.token(userID)
  local token = redis.call('HMGET', key('token', userID), 'hash', 'expiresAtMs')
  return token[1] and token[1] .. ' ' .. token[2]
end
function steps.room(roomID, known)
  if known ~= '' and redis.call('HGET', key('room', roomID), 'version') == known then return 1 end
  return whole(roomID)
end
function steps.list(kind, first, count)
  local found = {}
  if tonumber(count) < 1 then return found end
  for _, entry in ipairs(redis.call('ZRANGE', key('active', kind), first, int(first + count - 1))) do
    local roomID = string.sub(entry, 22)
    found[#found + 1] = roomID
    found[#found + 1] = redis.call('HGET', key('room', roomID), 'version')
  end
  return found
end
function steps.revokedUntil(streamID) return redis.call('ZSCORE', key('revoked-until'), streamID) end
local answers = {}
for at = 2, #ARGV, 4 do
  local ok, answer = pcall(steps[ARGV[at]], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3])
  if ok then answers[#answers + 1] = answer or false else answers[#answers + 1] = failed(answer) end
end
return answers`;

/**
 * Most of all calls, for a GatheredScript: heartbeats of type, room, user, the token's hash and the time. The answer is nil where
 * the user's token is another one; else the expiry of the token, and where that is to come and the user has a seat, its epoch
 * and the room's version. Without the prelude, whose functions Redis would make each time.
 */
export const beatScript = `
${failure}
local prefix = ARGV[1]
local function beat(kind, roomID, userID, given, now)
  local token = redis.call('HMGET', prefix .. 'token:' .. userID, 'hash', 'expiresAtMs')
  if token[1] ~= given then return false end
  local beats, id = prefix .. 'beats:' .. kind, userID .. '/' .. roomID
  if tonumber(token[2]) <= tonumber(now) or not redis.call('ZSCORE', beats, id) then return token[2] end
  local epoch = redis.call('HGET', prefix .. 'member:' .. id, 'epoch')
  local version = redis.call('HGET', prefix .. 'room:' .. roomID, 'version')
  if not epoch or not version then return token[2] end
  redis.call('ZADD', beats, now, id)
  return token[2] .. ' ' .. epoch .. ' ' .. version
end
local answers = {}
for at = 2, #ARGV, 5 do
  local ok, answer = pcall(beat, unpack(ARGV, at, at + 4))
  if ok then answers[#answers + 1] = answer else answers[#answers + 1] = failed(answer) end
end
return answers`;

export type RoomScript = keyof typeof bodies;

/** Whole scripts by name. Each takes the key prefix as its first argument. */
export const roomScripts = Object.fromEntries(
  Object.entries(bodies).map(([name, body]) => [name, `${prelude}\n${body}`]),
) as Record<RoomScript, string>;
