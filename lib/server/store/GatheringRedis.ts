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

  override sendCommand(...args: Parameters<Redis['sendCommand']>): unknown {
    const socket = this.stream as Socket | null;
    if (socket && this.#held !== socket && this.status === 'ready') {
      this.#held = socket;
      socket.cork();
      setImmediate(() => {
        if (this.#held === socket) this.#held = undefined;
        socket.uncork();
      });
    }
    return super.sendCommand(...args);
  }
}
