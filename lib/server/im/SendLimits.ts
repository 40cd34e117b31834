import { TokenBuckets } from './TokenBuckets.js';

export interface SendRates {
  /** Messages a second that a user may send on average; twice as many at once. */
  userPerSecond: number;
  /** The same of a room, from all who send to it. */
  roomPerSecond: number;
}

/** What may be sent. Each call takes one message from an allowance; false when none is left. */
export interface SendLimits {
  takeUser(userID: string): boolean | Promise<boolean>;
  takeRoom(groupID: string): boolean | Promise<boolean>;
  /** Forgets who has all of its allowance again. */
  sweep(): void;
}

/** How many times the rate of a second may be sent at once. */
export const burstSeconds = 2;

/** The limits of one process. */
export class LocalSendLimits implements SendLimits {
  readonly #users: TokenBuckets;
  readonly #rooms: TokenBuckets;

  constructor({ userPerSecond, roomPerSecond }: SendRates, now: () => number) {
    const buckets = (ratePerSecond: number) =>
      new TokenBuckets({ ratePerSecond, burst: ratePerSecond * burstSeconds, now });
    this.#users = buckets(userPerSecond);
    this.#rooms = buckets(roomPerSecond);
  }

  takeUser(userID: string): boolean {
    return this.#users.take(userID);
  }

  takeRoom(groupID: string): boolean {
    return this.#rooms.take(groupID);
  }

  sweep(): void {
    this.#users.forgetFull();
    this.#rooms.forgetFull();
  }
}
