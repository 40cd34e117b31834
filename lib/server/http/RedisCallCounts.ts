import { LruMap } from 'toad-cache';
import type { RedisConnection } from '../store/RedisConnection.js';
import type { Soon } from '../store/soon.js';
import type { CallCountsOptions } from './CallCounts.js';

export interface RedisCallCountsOptions extends CallCountsOptions {
  redis: RedisConnection;
}

/** What Redis gave a caller here: so many calls until then, ms since 1970. */
interface Portion {
  left: number;
  endMs: number;
  /** The limit is reached: there is no more before the end. */
  isLast: boolean;
}

/** Calls that are taken from the limit at once: a thirty-second of it, at most so many. */
const maxPortion = 16;

/**
 * Takes calls from the limit in `calls:CALLER`, which is gone when its window is over. Returns how many were left of those
 * wanted, and how long the window lasts, ms.
 */
const takeScript = `
local prefix, caller, most, windowMs, wanted = unpack(ARGV)
local key = prefix .. 'calls:' .. caller
local taken = tonumber(redis.call('GET', key) or '0')
local granted = math.max(0, math.min(tonumber(wanted), tonumber(most) - taken))
if granted > 0 then redis.call('INCRBY', key, granted) end
if taken == 0 then redis.call('PEXPIRE', key, windowMs) end
return { granted, math.max(1, redis.call('PTTL', key)) }`;

/**
 * CallCounts of all processes on one Redis. Each takes a caller's calls from the common limit a few at a time, and counts
 * those by itself: together they never let more through than the limit, and most calls wait for nobody. A caller whose
 * calls go to several processes may be refused while one of them has some of its calls left.
 *
 * While Redis is away nobody is refused: the store refuses by 503 then, and what cannot be counted is not refused by 429
 * as well.
 */
export class RedisCallCounts {
  readonly #options: RedisCallCountsOptions;
  readonly #portion: number;
  readonly #callers: LruMap<Portion>;

  constructor(options: RedisCallCountsOptions) {
    this.#options = options;
    this.#portion = Math.max(1, Math.min(maxPortion, Math.floor(options.max / 32)));
    this.#callers = new LruMap(options.remembered);
    options.redis.preload(takeScript);
  }

  /** Counts a call. Seconds until the caller may come again; 0 when the call is within the limit. */
  count(caller: string): Soon<number> {
    const portion = this.#callers.get(caller);
    const nowMs = Date.now();
    if (portion && nowMs < portion.endMs) {
      if (portion.left > 0) {
        portion.left--;
        return 0;
      }
      if (portion.isLast) return seconds(portion.endMs - nowMs);
    }
    return this.#take(caller, nowMs);
  }

  async #take(caller: string, nowMs: number): Promise<number> {
    const { redis, max, windowMs } = this.#options;
    let granted: number;
    let restMs: number;
    try {
      [granted, restMs] = await redis.script<[number, number]>(takeScript, [caller, max, windowMs, this.#portion]);
    } catch {
      return 0;
    }
    const isLast = granted < this.#portion;
    // Others of this caller may have waited at the same time.
    const other = this.#callers.get(caller);
    const endMs = nowMs + restMs;
    const laterMs = other === undefined ? windowMs : endMs - other.endMs;
    // An answer of the window before says nothing of the one that others have begun meanwhile.
    if (laterMs > -windowMs / 2) {
      const left = Math.max(0, granted - 1) + (other && laterMs < windowMs / 2 ? other.left : 0);
      this.#callers.set(caller, { left, endMs, isLast });
    }
    return granted > 0 ? 0 : seconds(restMs);
  }
}

function seconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000));
}
