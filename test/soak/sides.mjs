import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
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

  get reconnects() {
    return this.told(`${this.prefix}_WARNING_RECONNECT`);
  }

  get begins() {
    return this.told(`${this.prefix}_EVT_${this.prefix}_BEGIN`);
  }

  get figures() {
    return { begins: this.begins, reconnects: this.reconnects, events: Object.fromEntries(this.#counts) };
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
  /** Of what was counted. */
  pictures = 0;
  lost = 0;
  /** Pictures since `watch`, the numbers of the first and the last, and how many this process was too slow to take. */
  #window = { pictures: 0, first: 0, last: 0, dropped: 0 };

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

  /**
   * Falls back by a second and catches up by playback rate. The first time loads libavfilter, for good: 5 MB, which a busy
   * machine would else bring about at any time.
   */
  async catchUp() {
    this.live.setLivePlayAttribute({ AutoAdjustCacheTime: false, CacheTime: 1 });
    await delay(2000);
    this.live.setLivePlayAttribute({});
  }

  get figures() {
    return { ...super.figures, pictures: this.pictures, lost: this.lost, dropped: this.live.droppedFrames.video };
  }

  watch() {
    this.#window = { pictures: 0, first: 0, last: 0, dropped: this.live.droppedFrames.video };
  }

  /** @returns pictures that came since `watch`, and how many were lost between them on their way */
  unwatch() {
    const { pictures, first, last, dropped } = this.#window;
    const missing = pictures === 0 ? 0 : last - first + 1 - pictures;
    return { pictures, lost: Math.max(0, missing - (this.live.droppedFrames.video - dropped)) };
  }

  /** @param {{ pictures: number, lost: number }} watched */
  count({ pictures, lost }) {
    this.pictures += pictures;
    this.lost += lost;
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
    if (this.#window.pictures++ === 0) this.#window.first = counter;
    this.#window.last = counter;
  }
}
