import type { Socket } from 'node:net';
import { Redis } from 'ioredis';

/**
 * A client of Redis whose commands of one turn of the event loop go out together, and while it has no answer to those before,
 * the commands of more turns: where many requests come at once, a write for each of their commands takes more time than all
 * else that is done for them. Redis would not begin with them earlier, since it does one after the other. Their order
 * and their answers stay as they are.
 */
export class GatheringRedis extends Redis {
  /** What is held back. */
  #held: Socket | undefined;
  /** The latest command. */
  #last: Promise<unknown> = Promise.resolve();
  #lastSteps: (() => void)[] = [];
  #ending: NodeJS.Immediate | undefined;
  #isAnswerAwaited = false;

  override sendCommand(...args: Parameters<Redis['sendCommand']>): unknown {
    const socket = this.stream as Socket | null;
    if (socket && this.status === 'ready') {
      if (this.#held !== socket) {
        this.#held?.uncork();
        this.#held = socket;
        socket.cork();
      }
      this.#last = args[0].promise;
      this.#goSoon();
    }
    return super.sendCommand(...args);
  }

  /** Calls it, which must not throw, before the held commands go out; what it sends goes with them, behind them. */
  beforeTheyGo(step: () => void): void {
    this.#lastSteps.push(step);
    this.#goSoon();
  }

  #goSoon(): void {
    if (!this.#isAnswerAwaited) this.#ending ??= setImmediate(() => this.#go());
  }

  #go(): void {
    const steps = this.#lastSteps;
    this.#lastSteps = [];
    for (const step of steps) step();
    this.#ending = undefined;
    const held = this.#held;
    if (!held) return;
    this.#held = undefined;
    held.uncork();
    this.#isAnswerAwaited = true;
    this.#last.then(this.#answered, this.#answered);
  }

  /** All of them are, for answers come in order; or none will be. */
  readonly #answered = (): void => {
    this.#isAnswerAwaited = false;
    if (this.#held || this.#lastSteps.length > 0) this.#goSoon();
  };
}
