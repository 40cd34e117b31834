import type { RedisConnection } from '../store/RedisConnection.js';
import { burstSeconds, type SendLimits, type SendRates } from './SendLimits.js';

/**
 * Takes one from the allowance `send:NAME`, a hash of what was left and when, which is gone a minute after it is full. A process
 * whose clock is behind takes the time of the others; behind by more than 5 s it is believed, for theirs was wrong.
 */
const takeScript = `
local prefix, name, rate, burst, now = unpack(ARGV)
rate, burst, now = tonumber(rate), tonumber(burst), tonumber(now)
local key = prefix .. 'send:' .. name
local left, at = unpack(redis.call('HMGET', key, 'left', 'at'))
left, at = tonumber(left or burst), tonumber(at or now)
if at > now + 5000 then at = now end
left = math.min(burst, left + math.max(0, now - at) / 1000 * rate)
local taken = left >= 1
if taken then left = left - 1 end
redis.call('HSET', key, 'left', string.format('%.6f', left), 'at', string.format('%.0f', math.max(now, at)))
redis.call('PEXPIRE', key, math.ceil(burst / rate * 1000) + 60000)
return taken and 1 or 0`;

/** The limits of all processes on one Redis together. Methods reject with `ERR_RTC_STORE_UNAVAILABLE`. */
export class RedisSendLimits implements SendLimits {
  readonly #redis: RedisConnection;
  readonly #rates: SendRates;
  readonly #now: () => number;

  constructor(redis: RedisConnection, rates: SendRates, now: () => number) {
    this.#redis = redis;
    this.#rates = rates;
    this.#now = now;
    redis.preload(takeScript);
  }

  takeUser(userID: string): Promise<boolean> {
    return this.#take(`user:${userID}`, this.#rates.userPerSecond);
  }

  takeRoom(groupID: string): Promise<boolean> {
    return this.#take(`room:${groupID}`, this.#rates.roomPerSecond);
  }

  /** Redis does it by itself. */
  sweep(): void {}

  async #take(name: string, rate: number): Promise<boolean> {
    return (await this.#redis.script<0 | 1>(takeScript, [name, rate, rate * burstSeconds, this.#now()])) === 1;
  }
}
