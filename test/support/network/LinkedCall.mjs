import { setTimeout as delay } from 'node:timers/promises';
import { clockMicros } from '#lib/live/engine';
import { VideoResolution } from '#lib/live/enums';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { TXLivePusher } from '#lib/live/TXLivePusher';
import { percentile, readClock } from '#lib/measure/index';
import { Generator } from '../../../bench/support/Generator.mjs';
import { startNginx } from '../nginx.mjs';

/**
 * nginx-rtmp on the far side of a link.
 * @param {import('./EmulatedLink.mjs').EmulatedLink} link
 * @param {{ dropIdlePublisherMs?: number }} [options]
 */
export async function startFarServer(link, options = {}) {
  const server = await startNginx(
    {
      host: link.farAddress,
      port: 1935,
      wrap: (command) => link.farCommand(command),
    },
    options,
  );
  return { ...server, [Symbol.asyncDispose]: server.close };
}

/** What a player says of a picture that stands still. */
const freezeWarnings = ['PLAY_WARNING_VIDEO_PLAY_LAG', 'PLAY_WARNING_RECV_DATA_LAG', 'PLAY_WARNING_RECONNECT'];

/** What came out of a call: the age of each decoded picture, as its own clock tells. */
export class PictureLog {
  /** @type {{ atUs: number, ageMs: number, counter: number }[]} */
  pictures = [];

  /** @param {import('#lib/measure/index').LumaPicture} picture @param {number} atUs */
  add(picture, atUs) {
    const clock = readClock(picture);
    if (clock) this.pictures.push({ atUs, ageMs: (atUs - clock.clockUs) / 1000, counter: clock.counter });
  }

  /** Of what was shown from `fromUs` on, to `toUs`. @param {number} fromUs @param {number} [toUs] */
  ages(fromUs, toUs = Number.POSITIVE_INFINITY) {
    const ages = this.pictures.filter(({ atUs }) => atUs >= fromUs && atUs < toUs).map(({ ageMs }) => ageMs);
    const of = (/** @type {number} */ share) => (ages.length > 0 ? percentile(ages, share) : Number.NaN);
    return {
      count: ages.length,
      p50Ms: of(50),
      p95Ms: of(95),
      maxMs: ages.length > 0 ? Math.max(...ages) : Number.NaN,
    };
  }

  /** The longest time without a new picture. @param {number} fromUs @param {number} [toUs] */
  longestFreezeMs(fromUs, toUs = Number.POSITIVE_INFINITY) {
    return Math.max(0, ...this.#gaps(fromUs, toUs).map(({ ms }) => ms));
  }

  /**
   * Times longer than the default VideoBlockThreshold without a new picture, of which none of the player's `events` told.
   * @param {{ atUs: number, name: string }[]} events
   * @param {number} fromUs
   * @param {number} [toUs]
   */
  untoldFreezes(events, fromUs, toUs = Number.POSITIVE_INFINITY) {
    const warnings = events.filter(({ name }) => freezeWarnings.includes(name));
    // The warning comes with the picture that ends a freeze.
    const told = (/** @type {number} */ beginUs, /** @type {number} */ endUs) =>
      warnings.some(({ atUs }) => atUs >= beginUs && atUs <= endUs + 500_000);
    // Beyond the threshold by more than a picture and what a busy machine adds.
    return this.#gaps(fromUs, toUs).filter(({ ms, beginUs, endUs }) => ms > 900 && !told(beginUs, endUs));
  }

  /** @param {number} fromUs @param {number} toUs */
  #gaps(fromUs, toUs) {
    const times = this.pictures.map(({ atUs }) => atUs).filter((atUs) => atUs >= fromUs && atUs < toUs);
    return times.slice(1).map((endUs, index) => {
      const beginUs = Number(times[index]);
      return { beginUs, endUs, ms: (endUs - beginUs) / 1000 };
    });
  }
}

/** A player, and what came out of it. */
export class LoggedPlayer {
  log = new PictureLog();
  /** @type {{ atUs: number, name: string }[]} */
  events = [];

  /** @param {import('#lib/live/options').NetworkOptions} [network] */
  constructor(network = {}) {
    this.player = new TXLivePlayer({ ...network, videoFormat: 'i420', audioOutput: true });
    this.player.on('videoFrame', (frame) => {
      this.log.add(frame, clockMicros());
      frame.close();
    });
    this.player.on('audioFrame', (frame) => frame.close());
    this.player.on('event', ({ name }) => this.events.push({ atUs: clockMicros(), name }));
  }

  /** @param {string} url */
  start(url) {
    return this.player.startPlay(url);
  }

  close() {
    return this.player.close();
  }
}

/**
 * A pusher and a player on this side of a link, the server on the other: pictures of 640 × 360 at 30 a second that take
 * as much as the encoder may spend, with sound.
 */
export class LinkedCall {
  /** @type {{ atUs: number, name: string, message: string, params: Record<string, unknown> }[]} of both sides */
  events = [];
  /** @type {{ atUs: number, status: Record<string, unknown> }[]} of the pusher, every 250 ms */
  statuses = [];

  /**
   * @param {string} url
   * @param {object} options
   * @param {number} options.strategy
   * @param {number} [options.bitrateKbps]
   * @param {number} [options.minKbps]
   * @param {import('#lib/live/options').NetworkOptions} [options.network] of both
   */
  static async start(url, { strategy, bitrateKbps = 1200, minKbps = 150, network = {} }) {
    const call = new LinkedCall(network);
    const { pusher, viewer } = call;
    pusher.setVideoResolution(VideoResolution.RESOLUTION_640x360);
    pusher.setVideoFPS(30);
    pusher.setVideoBitRate(bitrateKbps);
    pusher.setVideoBitRateMin(minKbps);
    pusher.setVideoBitRateMax(bitrateKbps);
    pusher.setAutoAdjustStrategy(strategy);
    for (const side of [pusher, viewer.player]) {
      side.on('event', ({ name, message, params }) => call.events.push({ atUs: clockMicros(), name, message, params }));
    }
    pusher.on('status', (status) => call.statuses.push({ atUs: clockMicros(), status }));
    try {
      await pusher.startPreview({ source: 'user' });
      await pusher.startAudioCapture({ source: 'synthetic' });
      call.generator.start();
      await pusher.startPush(url);
      await viewer.start(url);
    } catch (error) {
      await call.close();
      throw error;
    }
    return call;
  }

  /** @param {import('#lib/live/options').NetworkOptions} network */
  constructor(network) {
    this.viewer = new LoggedPlayer(network);
    this.pusher = new TXLivePusher({ ...network, gopSeconds: 1, statusIntervalMs: 250 });
    const size = { width: 640, height: 360, fps: 30 };
    this.generator = new Generator({ ...size, onPicture: (picture) => this.pusher.sendCustomVideoData(picture) });
  }

  get log() {
    return this.viewer.log;
  }

  /** Goes on for so many ms; the time when it began. @param {number} ms */
  async goOn(ms) {
    const fromUs = clockMicros();
    await delay(ms);
    return fromUs;
  }

  async close() {
    this.generator.stop();
    await Promise.all([this.pusher.close(), this.viewer.close()]);
  }

  [Symbol.asyncDispose]() {
    return this.close();
  }
}
