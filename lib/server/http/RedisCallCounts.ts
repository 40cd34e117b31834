import type { RedisConnection } from '../store/RedisConnection.js';
import type { CallCountsOptions } from './CallCounts.js';

export interface RedisCallCountsOptions extends Omit<CallCountsOptions, 'remembered'> {
  redis: RedisConnection;
}

/** Counts a call in `calls:CALLER`, which is gone when its window is over. Returns how long that is, ms, or 0 within the limit. */
const countScript = `
local prefix, caller, most, windowMs = unpack(ARGV)
local key = prefix .. 'calls:' .. caller
local count = redis.call('INCR', key)
if count == 1 then redis.call('PEXPIRE', key, windowMs) end
if count <= tonumber(most) then return 0 end
return math.max(1, redis.call('PTTL', key))`;

/**
 * CallCounts of all processes on one Redis. While Redis is away nobody is refused: the store refuses by 503 then, and what
 * cannot be counted is not refused by 429 as well.
 */
export class RedisCallCounts {
  readonly #options: RedisCallCountsOptions;

  constructor(options: RedisCallCountsOptions) {
    this.#options = options;
    options.redis.preload(countScript);
  }

  /** Counts a call. Seconds until the caller may come again; 0 when the call is within the limit. */
  count(caller: string): Promise<number> {
    const { redis, max, windowMs } = this.#options;
    return redis.script<number>(countScript, [caller, max, windowMs]).then(
      (restMs) => Math.ceil(restMs / 1000),
      () => 0,
    );
  }
}
