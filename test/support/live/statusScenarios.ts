import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { AutoAdjustStrategy, PlayType, VideoResolution } from '#lib/live/enums';
import type { LiveStatus } from '#lib/live/status';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { TXLivePusher } from '#lib/live/TXLivePusher';
import { makeClip } from '../ffmpeg.js';
import { playUrl, pushUrl, until } from '../mediaServer.js';
import { startRelay } from '../relay.mjs';
import type { Place } from './eventScenarios.js';
import { readFlv, startFlvServer } from './flvServer.js';

export type Side = 'pusher' | 'player';

/** What both sides reported, and of the process itself what it used meanwhile. */
export class Reports {
  readonly pusher: LiveStatus[] = [];
  readonly player: LiveStatus[] = [];
  /** Of all cores, percent, while a scenario watched it. */
  cpuPercent = Number.NaN;
  /** What the servers that they went to listen on: host and port. */
  readonly servers: { pusher?: string; player?: string } = {};

  listenTo(object: TXLivePusher | TXLivePlayer): void {
    if (object instanceof TXLivePusher) object.on('status', (status) => this.pusher.push(status));
    else object.on('status', (status) => this.player.push(status));
  }

  /** Every value of a key that was reported, in order. */
  values(side: Side, key: keyof LiveStatus): (number | string)[] {
    return this[side].flatMap((status) => status[key] ?? []);
  }

  last(side: Side, key: keyof LiveStatus): number {
    return Number(this[side].at(-1)?.[key]);
  }
}

export type StatusScenario = (reports: Reports, place: Place) => Promise<void>;

const often = { engine: 'embedded', statusIntervalMs: 250 } as const;

function newPusher(reports: Reports, options: ConstructorParameters<typeof TXLivePusher>[0] = {}): TXLivePusher {
  const pusher = new TXLivePusher({ ...often, ...options });
  reports.listenTo(pusher);
  pusher.setVideoResolution(VideoResolution.RESOLUTION_320x180);
  pusher.setVideoFPS(30);
  return pusher;
}

function newPlayer(reports: Reports, options: ConstructorParameters<typeof TXLivePlayer>[0] = {}): TXLivePlayer {
  const player = new TXLivePlayer({ ...often, videoFormat: 'i420', audioOutput: true, ...options });
  player.on('audioFrame', (frame) => frame.close());
  reports.listenTo(player);
  return player;
}

async function pushClock(pusher: TXLivePusher, url: string): Promise<void> {
  await pusher.startPreview({ source: 'synthetic' });
  await pusher.startAudioCapture({ source: 'synthetic' });
  await pusher.startPush(url);
}

/** Six seconds of a call without trouble, with a key frame every 0.7 s. */
const clean: StatusScenario = async (reports, { media }) => {
  await using pusher = newPusher(reports, { gopSeconds: 0.7, audioSampleRate: 48_000, audioChannels: 1 });
  await using player = newPlayer(reports);
  pusher.setVideoBitRate(400);
  await pushClock(pusher, pushUrl(media, 'clean'));
  await player.startPlay(playUrl(media, 'clean'));
  reports.servers.pusher = new URL(pushUrl(media, 'clean')).host;
  reports.servers.player = new URL(playUrl(media, 'clean')).host;
  const [cpu, begun] = [process.cpuUsage(), performance.now()];
  await until('six seconds of reports', () => reports.pusher.length > 24 && reports.player.length > 24, 60_000);
  const { user, system } = process.cpuUsage(cpu);
  reports.cpuPercent = (user + system) / 10 / (performance.now() - begun) / availableParallelism();
};

/** A second and a half in hand, then half a second. */
const cached: StatusScenario = async (reports, { media }) => {
  await using pusher = newPusher(reports);
  await using player = newPlayer(reports);
  await pushClock(pusher, pushUrl(media, 'cached'));
  player.setLivePlayAttribute({ AutoAdjustCacheTime: false, CacheTime: 1.5 });
  await player.startPlay(playUrl(media, 'cached'), { type: PlayType.LIVE_RTMP });
  await until('the cache', () => reports.last('player', 'VIDEO_CACHE_SIZE') > 35, 30_000);
  player.setLivePlayAttribute({ AutoAdjustCacheTime: false, CacheTime: 0.5 });
  await until('a shorter one', () => reports.last('player', 'VIDEO_CACHE_SIZE') < 25, 60_000);
};

/** Pieces that come unevenly; then nothing for a second and a half, after which pictures are left out. */
const uneven: StatusScenario = async (reports, { media }) => {
  await using pusher = newPusher(reports, { gopSeconds: 0.3 });
  await pushClock(pusher, pushUrl(media, 'uneven'));
  let [seed, stalledUntil] = [7, 0];
  const delayMs = () => {
    seed = (seed * 48271) % 0x7fffffff;
    return Math.max((seed / 0x7fffffff) * 80, stalledUntil - performance.now());
  };
  await using relay = await startRelay(playUrl(media, 'uneven'), { delayMs });
  await using player = newPlayer(reports);
  await player.startPlay(relay.url);
  reports.servers.player = new URL(relay.url).host;
  await until('three seconds of it', () => reports.player.length > 12, 30_000);
  stalledUntil = performance.now() + 1500;
  await until('pictures that were left out', () => reports.last('player', 'DROP_SIZE') > 0, 30_000);
};

/** A stream with B-frames and 44.1 kHz stereo, of which two pictures are damaged. */
const foreign: StatusScenario = async (reports, { directory }) => {
  const file = join(directory, 'foreign.flv');
  await makeClip(file, { seconds: 4, gopSeconds: 0.5, encoder: ['-bf', '2', '-b_strategy', '0'] });
  const tags = readFlv(await readFile(file));
  for (const fromMs of [1200, 2200]) {
    const picture = tags.find((tag) => tag.kind === 'video' && tag.timeMs >= fromMs && tag.body[0] !== 0x17);
    picture?.body.fill(0xa5, 5);
  }
  await using server = await startFlvServer(tags);
  await using player = newPlayer(reports);
  await player.startPlay(server.url);
  await until('both damages', () => reports.last('player', 'CODEC_DROP_CNT') > 1, 30_000);
};

/** Noise, of which an encoder makes megabytes a second: what systems take before they hold up a sender is filled soon. */
function sendMuchNoise(pusher: TXLivePusher): Disposable {
  const [width, height] = [320, 180];
  let seed = 1;
  const noises = Array.from({ length: 4 }, () => {
    const data = new Uint8Array(width * height * 1.5);
    for (let i = 0; i < data.length; i++) {
      seed = (seed * 48271) % 0x7fffffff;
      data[i] = seed;
    }
    return data;
  });
  let sent = 0;
  const timer = setInterval(() => {
    pusher.sendCustomVideoData({ data: noises[sent++ % noises.length] as Uint8Array, width, height });
  }, 33);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** A server that takes no more, before an encoder that has much to send; before that, pictures faster than it takes them. */
const hanging: StatusScenario = async (reports, { media }) => {
  await using relay = await startRelay(pushUrl(media, 'hanging'));
  await using pusher = newPusher(reports, { dataTimeoutMs: 60_000 });
  pusher.setAutoAdjustStrategy(AutoAdjustStrategy.REALTIME_VIDEOCHAT);
  pusher.setVideoBitRate(20_000);
  await pusher.startPreview({ source: 'user' });
  await pusher.startAudioCapture({ source: 'synthetic' });
  using _ = sendMuchNoise(pusher);
  await pusher.startPush(relay.url);
  reports.servers.pusher = new URL(relay.url).host;
  await until('pictures', () => reports.last('pusher', 'VIDEO_FPS') > 5, 30_000);
  const data = new Uint8Array(320 * 180 * 1.5);
  for (let i = 0; i < 50; i++) pusher.sendCustomVideoData({ data, width: 320, height: 180 });
  await until('the report of what was too fast', () => reports.last('pusher', 'CODEC_DROP_CNT') > 0, 30_000);
  relay.stopReading();
  await until('that it gives up what waits', () => reports.last('pusher', 'DROP_SIZE') > 0, 60_000);
};

/** Sound and nothing else. */
const soundAlone: StatusScenario = async (reports, { media }) => {
  await using pusher = newPusher(reports);
  await using player = newPlayer(reports);
  await pusher.startAudioCapture({ source: 'synthetic' });
  await pusher.startPush(pushUrl(media, 'sound'));
  await player.startPlay(playUrl(media, 'sound'));
  await until('two seconds of reports', () => reports.pusher.length > 8 && reports.player.length > 8, 30_000);
};

export const statusScenarios = { clean, cached, uneven, foreign, hanging, soundAlone } satisfies Record<
  string,
  StatusScenario
>;
