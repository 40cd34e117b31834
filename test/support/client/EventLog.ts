import { vi } from 'vitest';
import type { RTCRoom } from '#lib/room/RTCRoom';
import { patient } from '../patience.js';

const told = [
  'memberJoin',
  'memberLeave',
  'membersUpdate',
  'roomClosed',
  'textMsg',
  'customMsg',
  'kickedOffline',
  'error',
  'state',
  'step',
  'pushEvent',
] as const;

/** What a room tells, kept, so that a test can wait for it whenever it came. */
export class EventLog {
  readonly all: unknown[][] = [];

  constructor(room: RTCRoom) {
    for (const name of told) room.on(name, (...args: unknown[]) => void this.all.push([name, ...args]));
  }

  named(name: (typeof told)[number]): unknown[][] {
    return this.all.filter(([one]) => one === name).map(([, ...args]) => args);
  }

  /** Waits until `name` was told that many times; gives the arguments of that one. */
  async wait(name: (typeof told)[number], options: { count?: number; timeoutMs?: number } = {}): Promise<unknown[]> {
    const { count = 1, timeoutMs = 10_000 } = options;
    return await vi.waitFor(
      () => {
        const one = this.named(name)[count - 1];
        if (!one)
          throw new Error(
            `'${name}' was told ${this.named(name).length} times, not ${count}; told: ${this.all.map(([n]) => n).join(' ')}`,
          );
        return one;
      },
      { timeout: patient(timeoutMs), interval: 5 },
    );
  }
}
