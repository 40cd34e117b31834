import type { LiveStatus } from '#lib/live/status';
import type { TXLivePlayer } from '#lib/live/TXLivePlayer';

export interface WatchedPlayer {
  readonly events: string[];
  /** Of each decoded picture, a sum over some of its luma: two that differ are two pictures. */
  readonly pictures: number[];
  /** "320x180". */
  readonly sizes: Set<string>;
  /** From picture to picture, in the stream's time. */
  readonly stepsMs: number[];
  /** Of sound, on each channel. */
  readonly samples: number;
  /** The latest report. */
  readonly status: LiveStatus | undefined;
  /** How many of the pictures are different ones. */
  readonly movingShare: number;
}

/** What a player (`videoFormat: 'i420'`) hands out and tells, from now on. Closes the frames. */
export function watchPlayer(player: TXLivePlayer): WatchedPlayer {
  const events: string[] = [];
  const pictures: number[] = [];
  const sizes = new Set<string>();
  const stepsMs: number[] = [];
  let samples = 0;
  let status: LiveStatus | undefined;
  let lastMs: number | undefined;
  player.on('event', ({ name }) => events.push(name));
  player.on('status', (report) => {
    status = report;
  });
  player.on('videoFrame', (frame) => {
    const { timestampMs, width, height, data } = frame;
    let luma = 0;
    for (let i = 0; i < width * height; i += 97) luma = (luma * 31 + (data[i] as number)) | 0;
    pictures.push(luma);
    sizes.add(`${width}x${height}`);
    if (lastMs !== undefined) stepsMs.push(timestampMs - lastMs);
    lastMs = timestampMs;
    frame.close();
  });
  player.on('audioFrame', (frame) => {
    samples += frame.samples;
    frame.close();
  });
  return {
    events,
    pictures,
    sizes,
    stepsMs,
    get samples() {
      return samples;
    },
    get status() {
      return status;
    },
    get movingShare() {
      return new Set(pictures).size / pictures.length;
    },
  };
}
