/** How many items a slow parent may leave untaken: on their way, and waiting behind them. */
export interface LaneLimits {
  inFlight: number;
  waiting: number;
}

/** Together the 8 pictures and 32 sounds of the native bridge; of the status the newest waits. */
export const laneLimits = {
  video: { inFlight: 2, waiting: 6 },
  audio: { inFlight: 8, waiting: 24 },
  status: { inFlight: 1, waiting: 1 },
} as const satisfies Record<string, LaneLimits>;

/** Sends as fast as the other side takes; what is too much gives way, the oldest first, and is counted. */
export class Lane<Item> {
  readonly #limits: LaneLimits;
  readonly #send: (item: Item) => void;
  readonly #drop: (item: Item) => void;
  #inFlight = 0;
  #waiting: Item[] = [];
  #dropped = 0;

  constructor(limits: LaneLimits, send: (item: Item) => void, drop: (item: Item) => void) {
    this.#limits = limits;
    this.#send = send;
    this.#drop = drop;
  }

  get dropped(): number {
    return this.#dropped;
  }

  offer(item: Item): void {
    if (this.#inFlight < this.#limits.inFlight) {
      this.#inFlight++;
      this.#send(item);
      return;
    }
    this.#waiting.push(item);
    if (this.#waiting.length <= this.#limits.waiting) return;
    this.#dropped++;
    this.#drop(this.#waiting.shift() as Item);
  }

  /** The other side has taken one. */
  taken(): void {
    if (this.#inFlight > 0) this.#inFlight--;
    const next = this.#waiting.shift();
    if (next === undefined) return;
    this.#inFlight++;
    this.#send(next);
  }

  clear(): void {
    for (const item of this.#waiting.splice(0)) this.#drop(item);
  }
}
