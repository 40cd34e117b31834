import type { Socket } from 'node:net';
import { Redis } from 'ioredis';

/**
 * A client of Redis whose commands of one turn of the event loop go out together: where many requests come at once, a write
 * for each of their commands takes more time than all else that is done for them. Their order and their answers stay
 * as they are; none is waited for.
 */
export class GatheringRedis extends Redis {
  /** What is held back until the turn is over. */
  #held: Socket | undefined;
  #lastSteps: (() => void)[] = [];
  #ending: NodeJS.Immediate | undefined;

  override sendCommand(...args: Parameters<Redis['sendCommand']>): unknown {
    const socket = this.stream as Socket | null;
    if (socket && this.#held !== socket && this.status === 'ready') {
      this.#held?.uncork();
      this.#held = socket;
      socket.cork();
      this.#ending ??= setImmediate(() => this.#endTurn());
    }
    return super.sendCommand(...args);
  }

  /** Calls it, which must not throw, when the turn is over; what it sends goes out with the turn's other commands, behind them. */
  atEndOfTurn(step: () => void): void {
    this.#lastSteps.push(step);
    this.#ending ??= setImmediate(() => this.#endTurn());
  }

  #endTurn(): void {
    const steps = this.#lastSteps;
    this.#lastSteps = [];
    for (const step of steps) step();
    this.#ending = undefined;
    const held = this.#held;
    this.#held = undefined;
    held?.uncork();
  }
}
