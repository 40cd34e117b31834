import { clockMicros } from '../../live/engine.js';
import type { TXLivePlayer } from '../../live/TXLivePlayer.js';
import { CallMeter } from '../../measure/CallMeter.js';
import { readClock } from '../../measure/clock.js';
import type { RTCRoom } from '../../room/RTCRoom.js';
import { probe } from './probe.js';
import type { DirectionResult } from './result.js';
import { StreamMeter } from './StreamMeter.js';

export interface ViewOptions {
  room: RTCRoom;
  from: string;
  to: string;
  /** The stream has no clock to read. */
  clip: boolean;
  path: string;
  signal: AbortSignal;
}

/** One person's view of the other: plays, measures and records the stream. */
export class View {
  readonly #options: ViewOptions;
  readonly #stream = new StreamMeter();
  #startedAtUs = clockMicros();
  #meter = new CallMeter({ startedAtUs: this.#startedAtUs });
  #firstFrameMs: number | undefined;
  #latencyMs: number | undefined;
  #player: TXLivePlayer | undefined;
  #recording: Promise<void> | undefined;
  #pictureMs: { first: number; last: number } | undefined;
  #expectedSeconds: number | undefined;

  constructor(options: ViewOptions) {
    this.#options = options;
  }

  /** Of the newest picture; undefined without a clock. */
  get latencyMs(): number | undefined {
    return this.#latencyMs;
  }

  /** Plays and records; resolves when the first picture is there. */
  async start(): Promise<void> {
    const { room, from, path, signal } = this.#options;
    this.#startedAtUs = clockMicros();
    this.#meter = new CallMeter({ startedAtUs: this.#startedAtUs });
    this.#player = await room.addRemoteView(from, {
      player: { videoFormat: 'i420', audioOutput: true },
      onPlayer: (player) => {
        this.#listen(player);
        // Right behind startPlay, which follows this call, and before data can come: every picture gets into the file.
        this.#recording = Promise.resolve().then(() => player.startLocalRecord(path, { signal }));
        this.#recording.catch(() => undefined);
      },
      signal,
    });
    await this.#recording;
  }

  /** The file must be as long as the pictures shown until now. */
  async stopRecording(): Promise<void> {
    const interval = this.#stream.report().frameIntervalMs ?? 0;
    if (this.#pictureMs) this.#expectedSeconds = (this.#pictureMs.last - this.#pictureMs.first + interval) / 1000;
    await this.#player?.stopLocalRecord();
  }

  async result(): Promise<DirectionResult> {
    const { from, to, clip, path, signal } = this.#options;
    const expectedSeconds = this.#expectedSeconds;
    let recording: DirectionResult['recording'];
    if (expectedSeconds !== undefined) {
      const { durationSeconds: seconds, codecs } = await probe(path, signal);
      recording = { path, expectedSeconds, seconds, codecs };
    }
    return {
      from,
      to,
      clock: clip ? undefined : this.#meter.report(),
      stream: this.#stream.report(),
      firstFrameMs: this.#firstFrameMs,
      recording,
    };
  }

  #listen(player: TXLivePlayer): void {
    player.on('videoFrame', (frame) => {
      const arrivalUs = clockMicros();
      this.#firstFrameMs ??= (arrivalUs - this.#startedAtUs) / 1000;
      this.#pictureMs = { first: this.#pictureMs?.first ?? frame.timestampMs, last: frame.timestampMs };
      this.#stream.video(frame);
      if (!this.#options.clip) {
        this.#meter.video(frame, arrivalUs);
        const reading = readClock(frame);
        if (reading) this.#latencyMs = (arrivalUs - reading.clockUs) / 1000;
      }
      frame.close();
    });
    player.on('audioFrame', (frame) => {
      if (!this.#options.clip) this.#meter.audio(frame);
      frame.close();
    });
  }
}
