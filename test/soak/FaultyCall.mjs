import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { clockMicros } from '#lib/live/engine';
import { fps, PlaySide, PushSide } from './sides.mjs';

const outageMs = 4000;
/** A picture older than this, when nothing is wrong, is a playback that stands still. */
const stillMs = 2000;
/** Of the pictures that were made while nothing was wrong. */
const mostLost = 0.01;
/** Of the pictures that the sources should have made then: they skip some on a busy machine. */
const leastPictures = 0.75;
/**
 * A round in which this process did not run for so long may have done anything wrong: it is then judged in nothing, since
 * its streams may still be away at the end.
 */
const busyMs = 1000;
/** Of the rounds. */
const mostBusy = 1 / 3;

/** @typedef {'cut' | 'outage' | 'restart'} Fault */

/** Two pushers and their two players, what is done to them, and whether they bear it. */
export class FaultyCall {
  /** @type {string[]} */
  problems = [];
  /** How often each was done. @type {Record<Fault, number>} */
  faults = { cut: 0, outage: 0, restart: 0 };
  /** In which something was wrong, and the machine to blame. @type {number[]} */
  busyRounds = [];
  #unjudged = 0;
  /** From the end of a fault until all was well again. */
  slowestRecoveryMs = 0;
  #recoveryMs;
  #calmSeconds = 0;
  /** @type {{ number: number, title: string, wrong: string[], recoveryMs: number, calmSinceMs: number } | undefined} */
  #round;
  #loopDelay = monitorEventLoopDelay();

  /**
   * @param {object} options
   * @param {import('#lib/server/media/EmbeddedMediaServer').EmbeddedMediaServer} options.media
   * @param {Awaited<ReturnType<typeof import('./startRelays.mjs').startRelays>>} options.relays to push to, two; to play
   * over RTMP and over HTTP-FLV
   * @param {string} options.folder of the recordings
   * @param {number} options.recoveryMs from the moment that a fault is over
   */
  constructor({ media, relays, folder, recoveryMs }) {
    const [pushOne, pushTwo, playOne, playTwo] = relays.urls;
    this.media = media;
    this.relays = relays;
    this.#recoveryMs = recoveryMs;
    this.pushers = [
      new PushSide({ name: 'push-one', url: pushOne, folder }),
      new PushSide({ name: 'push-two', url: pushTwo, folder }),
    ];
    this.players = [
      new PlaySide({ name: 'play-one-rtmp', url: playOne, folder }),
      new PlaySide({ name: 'play-two-flv', url: playTwo, folder }),
    ];
  }

  get sides() {
    return [...this.pushers, ...this.players];
  }

  async start() {
    this.#loopDelay.enable();
    await this.#startSides();
    await Promise.all(this.players.map((side) => side.catchUp()));
  }

  /** Begins a round: does this, and waits until all is well again. @param {Fault} kind @param {number} number */
  async fault(kind, number) {
    this.#loopDelay.reset();
    const before = this.sides.map(({ reconnects, begins }) => ({ reconnects, begins }));
    const overUs = await this.#faults[kind]();
    this.faults[kind]++;
    const begun = (side, index) => side.begins > before[index].begins;
    const recovered = () => this.sides.every(begun) && this.players.every(({ newestUs }) => newestUs > overUs);
    const inTime = await waitUntil(recovered, this.#recoveryMs);
    const wrong = [];
    if (!inTime) wrong.push(`no new picture at both players ${this.#recoveryMs} ms after it was over`);
    for (const [index, side] of this.sides.entries()) {
      const reconnected = side.reconnects > before[index].reconnects;
      if (!begun(side, index)) wrong.push(`${side.name} did not begin again`);
      if (kind !== 'restart' && !reconnected) wrong.push(`${side.name} told no ${side.prefix}_WARNING_RECONNECT`);
      if (kind === 'restart' && reconnected) wrong.push(`${side.name} lost its connection`);
    }
    const recoveryMs = (clockMicros() - overUs) / 1000;
    this.#round = { number, title: `round ${number}, ${kind}`, wrong, recoveryMs, calmSinceMs: performance.now() };
    for (const side of this.players) side.watch();
  }

  /** Ends the round, and notes what was not as it must be. */
  async endRound() {
    const { number, title, wrong, recoveryMs, calmSinceMs } = this.#round;
    const moving = (side) => clockMicros() - side.newestUs < stillMs * 1000;
    await waitUntil(() => this.players.every(moving), stillMs);
    for (const side of this.players) if (!moving(side)) wrong.push(`${side.name} stood still`);
    const calmSeconds = (performance.now() - calmSinceMs) / 1000;
    const watched = this.players.map((side) => side.unwatch());
    if (this.#loopDelay.max / 1e6 > busyMs) {
      this.#unjudged++;
      if (wrong.length > 0) this.busyRounds.push(number);
      return;
    }
    this.problems.push(...wrong.map((text) => `${title}: ${text}`));
    this.slowestRecoveryMs = Math.max(this.slowestRecoveryMs, recoveryMs);
    this.#calmSeconds += calmSeconds;
    for (const [index, side] of this.players.entries()) side.count(watched[index]);
  }

  /** Ends pushes, plays and recordings. @returns the figures; what was wrong is in `problems` */
  async finish() {
    await this.#stopSides();
    for (const { failure } of this.sides) if (failure) this.problems.push(failure);
    const rounds = this.faults.cut + this.faults.outage + this.faults.restart;
    if (this.#unjudged > mostBusy * rounds) {
      this.problems.push(
        `the process did not run for over ${busyMs / 1000} s in ${this.#unjudged} of ${rounds} rounds, which are not ` +
          'judged: give the machine less to do',
      );
    }
    for (const { name, pictures, lost } of this.players) {
      const due = this.#calmSeconds * fps;
      if (lost > mostLost * (pictures + lost))
        this.problems.push(`${name}: ${lost} pictures were lost, ${pictures} came`);
      if (pictures + lost < leastPictures * due) {
        this.problems.push(`${name}: ${pictures} pictures came of ${Math.round(due)} that were due`);
      }
    }
    return {
      faults: this.faults,
      slowestRecoveryMs: this.slowestRecoveryMs,
      calmSeconds: this.#calmSeconds,
      sides: Object.fromEntries(this.sides.map((side) => [side.name, side.figures])),
    };
  }

  async close() {
    this.#loopDelay.disable();
    await Promise.all(this.sides.map((side) => side.close()));
  }

  /** When it was over, by clockMicros. @type {Record<Fault, () => Promise<number>>} */
  #faults = {
    /** All connections are reset at once. */
    cut: async () => {
      await this.relays.cut();
      return clockMicros();
    },
    /** The server dies, and its address refuses connections for some seconds. */
    outage: async () => {
      await this.relays.refuse();
      const back = this.#mediaBack();
      process.kill(this.media.pid, 'SIGKILL');
      await Promise.all([back, delay(outageMs)]);
      await this.relays.accept();
      return clockMicros();
    },
    /** The user stops everything and starts it again. */
    restart: async () => {
      await this.#stopSides();
      const overUs = clockMicros();
      await this.#startSides();
      return overUs;
    },
  };

  /** Rejects when it stays down. @returns {Promise<void>} */
  #mediaBack() {
    return new Promise((resolve, reject) => {
      /** @param {Error} [error] */
      const settle = (error) => {
        this.media.off('restart', settle).off('exit', settle);
        if (error) reject(error);
        else resolve();
      };
      this.media.on('restart', settle).on('exit', settle);
    });
  }

  async #startSides() {
    await Promise.all(this.pushers.map((side) => side.start()));
    await Promise.all(this.players.map((side) => side.start()));
  }

  async #stopSides() {
    await Promise.all(this.players.map((side) => side.stop()));
    await Promise.all(this.pushers.map((side) => side.stop()));
  }
}

/** @param {() => boolean} holds @param {number} deadlineMs @returns whether it held in time */
async function waitUntil(holds, deadlineMs) {
  const end = performance.now() + deadlineMs;
  while (!holds()) {
    if (performance.now() > end) return false;
    await delay(20);
  }
  return true;
}
