import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';

/** Members are spread over so many turns of an interval. */
const turns = 1000;

/**
 * Members who beat once in each interval, at a time of their own. As in RTCRoom a beat waits for the answer to the one
 * before, so that a service that is too slow is not asked more and more; times count from when a beat was due.
 */
export class Hearts {
  latenciesMs = [];
  answered = 0;
  refused = 0;
  /** Beats that were due while the one before had no answer: they are left out. */
  late = 0;
  /** How much later than it should a beat was sent at most, ms: the callers' fault, not the service's. */
  maxBehindMs = 0;
  /** Why the first one was refused. */
  failure;
  #turns = Array.from({ length: turns }, () => []);
  #connections;
  #intervalMs;
  #count = 0;
  #stopped = false;

  constructor(connections, intervalMs) {
    this.#connections = connections;
    this.#intervalMs = intervalMs;
    this.running = this.#run();
  }

  set intervalMs(value) {
    this.#intervalMs = value;
  }

  add({ user, roomID, index }) {
    const connection = this.#connections[this.#count % this.#connections.length];
    this.#turns[this.#count++ % turns].push({ user, roomID, index, connection, isWaiting: false });
  }

  silence(isSilent) {
    this.#turns = this.#turns.map((members) => members.filter((member) => !isSilent(member)));
  }

  clear() {
    this.latenciesMs = [];
    this.answered = 0;
    this.late = 0;
    this.maxBehindMs = 0;
  }

  stop() {
    this.#stopped = true;
    return this.running;
  }

  async #run() {
    let dueMs = performance.now();
    for (let turn = 0; !this.#stopped; turn = (turn + 1) % turns) {
      const waitMs = dueMs - performance.now();
      this.maxBehindMs = Math.max(this.maxBehindMs, -waitMs);
      // Whoever is behind reads answers all the same: a beat whose answer waits to be read is not late.
      await (waitMs > 0 ? delay(waitMs) : nextTurn());
      for (const member of this.#turns[turn]) this.#beat(member, dueMs);
      dueMs += this.#intervalMs / turns;
    }
  }

  async #beat(member, dueMs) {
    if (member.isWaiting) {
      this.late++;
      return;
    }
    member.isWaiting = true;
    try {
      await member.user.beat(member.connection, member.roomID);
      this.answered++;
      this.latenciesMs.push(performance.now() - dueMs);
    } catch (error) {
      this.refused++;
      this.failure ??= error;
    }
    member.isWaiting = false;
  }
}
