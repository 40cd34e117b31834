import { setTimeout as delay } from 'node:timers/promises';
import { clockMicros } from '#lib/live/engine';
import { fps, PlaySide, PushSide } from './sides.mjs';

const outageMs = 4000;
/** From the moment that the network is there again: a retry comes every 0.5 s, and a machine may be slow. */
const recoveryMs = 5000;
/** A picture older than this, when nothing is wrong, is a playback that stands still. */
const stillUs = 2_000_000;
/** Of the pictures that were made while nothing was wrong. */
const mostLost = 0.01;
/** Of the pictures that the sources should have made then: they skip some on a busy machine. */
const leastPictures = 0.75;

/** @typedef {'cut' | 'outage' | 'restart'} Fault */

/** Two pushers and their two players, what is done to them, and whether they bear it. */
export class FaultyCall {
  /** @type {string[]} */
  problems = [];
  /** How often each was done. @type {Record<Fault, number>} */
  faults = { cut: 0, outage: 0, restart: 0 };
  /** From the end of a fault until all was well again. */
  slowestRecoveryMs = 0;
  #calmSeconds = 0;
  #calmSinceMs = 0;

  /**
   * @param {object} options
   * @param {import('#lib/server/media/EmbeddedMediaServer').EmbeddedMediaServer} options.media
   * @param {Awaited<ReturnType<typeof import('./startRelays.mjs').startRelays>>} options.relays to push to, two; to play
   * over RTMP and over HTTP-FLV
   * @param {string} options.folder of the recordings
   */
  constructor({ media, relays, folder }) {
    const [pushOne, pushTwo, playOne, playTwo] = relays.urls;
    this.media = media;
    this.relays = relays;
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
    await this.#startSides();
    this.#calm();
  }

  /** Does one, waits until all is well again, and notes what was not as it must be. @param {Fault} kind @param {number} round */
  async fault(kind, round) {
    this.#endCalm(`round ${round}`);
    const before = this.sides.map(({ reconnects, begins }) => ({ reconnects, begins }));
    await this.#faults[kind]();
    this.faults[kind]++;
    const overUs = clockMicros();
    const begun = (side, index) => side.begins > before[index].begins;
    const recovered = () => this.sides.every(begun) && this.players.every(({ newestUs }) => newestUs > overUs);
    const inTime = await waitUntil(recovered, recoveryMs);
    this.slowestRecoveryMs = Math.max(this.slowestRecoveryMs, (clockMicros() - overUs) / 1000);
    const wrong = (text) => this.problems.push(`round ${round}, ${kind}: ${text}`);
    if (!inTime) wrong(`no new picture at both players ${recoveryMs} ms after it was over`);
    for (const [index, side] of this.sides.entries()) {
      const reconnected = side.reconnects > before[index].reconnects;
      if (!begun(side, index)) wrong(`${side.name} did not begin again`);
      if (kind !== 'restart' && !reconnected) wrong(`${side.name} told no ${side.prefix}_WARNING_RECONNECT`);
      if (kind === 'restart' && reconnected) wrong(`${side.name} lost its connection`);
    }
    this.#calm();
  }

  /** Ends pushes, plays and recordings. @returns the figures; what was wrong is in `problems` */
  async finish() {
    this.#endCalm('at the end');
    await this.#stopSides();
    for (const { failure } of this.sides) if (failure) this.problems.push(failure);
    for (const { name, watched } of this.players) {
      const { pictures, lost } = watched;
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
      watched: Object.fromEntries(this.players.map(({ name, watched }) => [name, watched])),
      sides: Object.fromEntries(
        this.sides.map(({ name, begins, reconnects, events }) => [name, { begins, reconnects, events }]),
      ),
    };
  }

  async close() {
    await Promise.all(this.sides.map((side) => side.close()));
  }

  /** @type {Record<Fault, () => Promise<void>>} */
  #faults = {
    /** All connections are reset at once. */
    cut: () => this.relays.cut(),
    /** The server dies, and its address refuses connections for some seconds. */
    outage: async () => {
      await this.relays.refuse();
      const back = new Promise((resolve) => this.media.once('restart', resolve));
      process.kill(this.media.pid, 'SIGKILL');
      await Promise.all([back, delay(outageMs)]);
      await this.relays.accept();
    },
    /** The user stops everything and starts it again. */
    restart: async () => {
      await this.#stopSides();
      await this.#startSides();
    },
  };

  async #startSides() {
    await Promise.all(this.pushers.map((side) => side.start()));
    await Promise.all(this.players.map((side) => side.start()));
  }

  async #stopSides() {
    await Promise.all(this.players.map((side) => side.stop()));
    await Promise.all(this.pushers.map((side) => side.stop()));
  }

  #calm() {
    this.#calmSinceMs = performance.now();
    for (const side of this.players) side.watch();
  }

  /** @param {string} when */
  #endCalm(when) {
    this.#calmSeconds += (performance.now() - this.#calmSinceMs) / 1000;
    for (const side of this.players) {
      side.unwatch();
      if (clockMicros() - side.newestUs > stillUs) this.problems.push(`${when}: ${side.name} stood still`);
    }
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
