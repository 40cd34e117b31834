import { join } from 'node:path';
import { VideoResolution } from '#lib/live/enums';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { TXLivePusher } from '#lib/live/TXLivePusher';
import { readClock } from '#lib/measure/index';

export const fps = 15;
const sliceSeconds = 20;
/** Every fault of the soak is over before these are used up. */
const network = { connectRetryCount: 1000, connectRetryIntervalMs: 500 };

/** What the two sides have in common: counted events, and a recording of each start. */
class Side {
  #counts = new Map();
  #starts = 0;
  /** @type {string | undefined} the first thing that went wrong */
  failure;

  /** @param {TXLivePusher | TXLivePlayer} live @param {{ name: string, url: string, folder: string, prefix: string }} options */
  constructor(live, { name, url, folder, prefix }) {
    this.name = name;
    this.url = url;
    this.live = live;
    this.prefix = prefix;
    this.folder = folder;
    live.on('event', ({ name: event, severity, message, params }) => {
      this.#counts.set(event, this.told(event) + 1);
      const recordingFailed = event.endsWith('LOCAL_RECORD_RESULT') && params.EVT_PARAM1 !== '0';
      if (severity === 'error' || recordingFailed) this.failure ??= `${name}: ${event} ${message}`;
    });
  }

  /** How often this event came. @param {string} event */
  told(event) {
    return this.#counts.get(event) ?? 0;
  }

  get events() {
    return Object.fromEntries(this.#counts);
  }

  get reconnects() {
    return this.told(`${this.prefix}_WARNING_RECONNECT`);
  }

  get begins() {
    return this.told(`${this.prefix}_EVT_${this.prefix}_BEGIN`);
  }

  /** Each start has files of its own: name-1.mp4, name-1-2.mp4 … */
  record() {
    const path = join(this.folder, `${this.name}-${++this.#starts}.mp4`);
    return this.live.startLocalRecord(path, { sliceSeconds });
  }

  close() {
    return this.live.close();
  }
}

/** Pushes picture and sound with a clock in them, and records what it encodes. */
export class PushSide extends Side {
  /** @param {{ name: string, url: string, folder: string }} options */
  constructor(options) {
    super(new TXLivePusher(network), { ...options, prefix: 'PUSH' });
    this.live.setVideoResolution(VideoResolution.RESOLUTION_320x180);
    this.live.setVideoFPS(fps);
  }

  async start() {
    await this.live.startPreview({ source: 'synthetic' });
    await this.live.startAudioCapture({ source: 'synthetic' });
    await this.live.startPush(this.url);
    await this.record();
  }

  async stop() {
    await this.live.stopLocalRecord();
    await this.live.stopPush();
    await this.live.stopAudioCapture();
    await this.live.stopPreview();
  }
}

/** Plays, counts the pictures and records. */
export class PlaySide extends Side {
  /** When the newest picture was made, by its clock, µs. */
  newestUs = 0;
  /** Pictures that came between `watch` and `unwatch`, and how many numbers were missing between them. */
  watched = { pictures: 0, lost: 0 };
  #window;

  /** @param {{ name: string, url: string, folder: string }} options */
  constructor(options) {
    super(new TXLivePlayer({ ...network, videoFormat: 'i420', audioOutput: true }), { ...options, prefix: 'PLAY' });
    this.live.on('videoFrame', (frame) => {
      const reading = readClock(frame);
      frame.close();
      if (reading) this.#note(reading);
    });
    this.live.on('audioFrame', (frame) => frame.close());
  }

  watch() {
    this.#window = { pictures: 0, first: undefined, last: undefined };
  }

  unwatch() {
    const { pictures, first, last } = this.#window;
    this.#window = undefined;
    if (pictures === 0) return;
    this.watched.pictures += pictures;
    this.watched.lost += last - first + 1 - pictures;
  }

  async start() {
    await this.live.startPlay(this.url);
    await this.record();
  }

  async stop() {
    await this.live.stopLocalRecord();
    await this.live.stopPlay();
  }

  /** @param {import('#lib/measure/index').ClockReading} reading */
  #note({ clockUs, counter }) {
    this.newestUs = clockUs;
    if (!this.#window) return;
    this.#window.first ??= counter;
    this.#window.last = counter;
    this.#window.pictures++;
  }
}
