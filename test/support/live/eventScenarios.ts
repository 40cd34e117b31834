import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EventEmitter } from 'eventemitter3';
import { AutoAdjustStrategy, PlayType, VideoResolution } from '#lib/live/enums';
import { type LiveEvent, type LiveEventName, PlayEventCode, PushEventCode } from '#lib/live/events';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { TXLivePusher } from '#lib/live/TXLivePusher';
import { VideoWindow } from '#lib/live/VideoWindow';
import type { EmbeddedMediaServer } from '#lib/server/media/EmbeddedMediaServer';
import { makeClip, runTool } from '../ffmpeg.js';
import { freePort } from '../freePort.js';
import { playUrl, pushUrl, until } from '../mediaServer.js';
import { startRelay } from '../relay.mjs';
import { readFlv, startFlvServer } from './flvServer.js';
import { startSilentServer } from './silentServer.js';

/** What the scenarios share. There is a screen to open windows on. */
export interface Place {
  media: EmbeddedMediaServer;
  directory: string;
}

/** The events that objects told, as 'event' and under their own names. */
export class Told {
  readonly common: LiveEvent[] = [];
  readonly own: LiveEvent[] = [];

  listenTo(object: TXLivePusher | TXLivePlayer): void {
    const emitter = object as unknown as EventEmitter<Record<string, (event: LiveEvent) => void>>;
    emitter.on('event', (event) => this.common.push(event));
    for (const name of Object.keys(object instanceof TXLivePusher ? PushEventCode : PlayEventCode))
      emitter.on(name, (event) => this.own.push(event));
  }

  count(name: LiveEventName): number {
    return this.common.filter((event) => event.name === name).length;
  }

  /** Warnings and errors, each once, in the order of the alphabet. */
  get troubles(): LiveEventName[] {
    const troubles = this.common.filter(({ severity }) => severity !== 'info');
    return [...new Set(troubles.map(({ name }) => name))].sort();
  }
}

export interface Scenario {
  /** Every warning and error that is true here; no other may come. */
  troubles: LiveEventName[];
  run(told: Told, place: Place): Promise<void>;
}

const once = { engine: 'embedded', connectRetryCount: 0 } as const;
const twice = { engine: 'embedded', connectRetryCount: 1, connectRetryIntervalMs: 0 } as const;

function newPusher(told: Told, options: ConstructorParameters<typeof TXLivePusher>[0] = twice): TXLivePusher {
  const pusher = new TXLivePusher(options);
  told.listenTo(pusher);
  pusher.setVideoResolution(VideoResolution.RESOLUTION_320x180);
  return pusher;
}

function newPlayer(told: Told, options: ConstructorParameters<typeof TXLivePlayer>[0] = twice): TXLivePlayer {
  const player = new TXLivePlayer(options);
  told.listenTo(player);
  return player;
}

async function pushClock(pusher: TXLivePusher, url: string): Promise<void> {
  await pusher.startPreview({ source: 'synthetic' });
  await pusher.startAudioCapture({ source: 'synthetic' });
  await pusher.startPush(url);
}

/** A pusher and a player that fail alike, each on its own. */
async function neitherStarts(told: Told, pushTo: string, playFrom: string, options: object): Promise<void> {
  await using pusher = newPusher(told, { ...twice, ...options });
  await using player = newPlayer(told, { ...twice, ...options });
  const results = await Promise.allSettled([pusher.startPush(pushTo), player.startPlay(playFrom)]);
  for (const { status } of results) if (status === 'fulfilled') throw new Error('it started');
}

/** A call with all that it can have and without any trouble. */
export const cleanCall: Scenario = {
  troubles: [],
  async run(told, { media, directory }) {
    const stream = 'clean';
    await using pusher = newPusher(told);
    await using player = newPlayer(told);
    player.setEnableMessage(true);
    await pushClock(pusher, pushUrl(media, stream));
    await player.startPlay(playUrl(media, stream));
    await until('sound', () => told.count('PLAY_EVT_RCV_FIRST_AUDIO_FRAME') > 0);
    await pusher.startLocalRecord(join(directory, 'pushed.mp4'));
    await player.startLocalRecord(join(directory, 'played.mp4'));
    await player.captureVideoSnapShot(join(directory, 'snapshot.png'));
    await pusher.captureVideoSnapShot(join(directory, 'pushed.png'));
    pusher.sendMessage('hello');
    await until('the message', () => told.count('EVT_PLAY_GET_MESSAGE') > 0);
    await until(
      'a second of both recordings',
      () => told.count('PUSH_EVT_LOCAL_RECORD_PROGRESS') > 0 && told.count('PLAY_EVT_LOCAL_RECORD_PROGRESS') > 0,
    );
    await pusher.stopLocalRecord();
    await player.stopLocalRecord();
    pusher.setVideoResolution(VideoResolution.RESOLUTION_480x272);
    await until('the new size', () => told.count('PLAY_EVT_CHANGE_RESOLUTION') > 1);
    await player.stopPlay();
    await pusher.stopPush();
  },
};

/** The application's own H.264, of which no key frame has come. */
export const encodedSource: Scenario = {
  troubles: [],
  async run(told, { media }) {
    await using pusher = newPusher(told);
    await pusher.startPreview({ source: 'user', format: 'h264' });
    await pusher.startPush(pushUrl(media, 'encoded'));
    await until('a key frame is wanted', () => told.count('PUSH_EVT_KEY_FRAME_WANTED') > 0);
    await pusher.stopPush();
  },
};

/** Noise: an encoder needs its whole bitrate for it. */
function sendNoise(pusher: TXLivePusher): Disposable {
  const [width, height] = [320, 180];
  const data = new Uint8Array(width * height * 1.5);
  let seed = 1;
  const timer = setInterval(() => {
    for (let i = 0; i < data.length; i++) {
      seed = (seed * 48271) % 0x7fffffff;
      data[i] = seed;
    }
    pusher.sendCustomVideoData({ data, width, height });
  }, 50);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** The server goes on, and takes no byte more. */
const hangingServer: Scenario = {
  troubles: ['PUSH_ERR_NET_DISCONNECT', 'PUSH_WARNING_NET_BUSY', 'PUSH_WARNING_SERVER_NO_DATA'],
  async run(told, { media }) {
    await using relay = await startRelay(pushUrl(media, 'hanging'));
    await using pusher = newPusher(told, { ...once, dataTimeoutMs: 1500 });
    pusher.setAutoAdjustStrategy(AutoAdjustStrategy.REALTIME_VIDEOCHAT);
    pusher.setVideoBitRate(3000);
    await pusher.startPreview({ source: 'user' });
    using _ = sendNoise(pusher);
    await pusher.startPush(relay.url);
    await until('its first picture', () => told.count('PUSH_EVT_START_VIDEO_ENCODER') > 0);
    relay.stopReading();
    await until('the end', () => told.count('PUSH_ERR_NET_DISCONNECT') > 0, 20_000);
  },
};

const cutConnection: Scenario = {
  troubles: [
    'PLAY_WARNING_RECONNECT',
    'PLAY_WARNING_SERVER_DISCONNECT',
    'PUSH_WARNING_RECONNECT',
    'PUSH_WARNING_SERVER_DISCONNECT',
  ],
  async run(told, { media }) {
    const stream = 'cut';
    await using up = await startRelay(pushUrl(media, stream));
    await using pusher = newPusher(told, { ...twice, connectRetryCount: 20 });
    await pushClock(pusher, up.url);
    await using down = await startRelay(playUrl(media, stream));
    await using player = newPlayer(told, { ...twice, connectRetryCount: 20 });
    await player.startPlay(down.url);
    down.cut();
    await until('the playback again', () => told.count('PLAY_EVT_PLAY_BEGIN') > 1);
    await player.close();
    up.cut();
    await until('the push again', () => told.count('PUSH_EVT_PUSH_BEGIN') > 1);
  },
};

const stalledNetwork: Scenario = {
  troubles: ['PLAY_WARNING_RECV_DATA_LAG', 'PLAY_WARNING_VIDEO_PLAY_LAG'],
  async run(told, { media }) {
    const stream = 'stalled';
    // No key frame to go on with: then nothing is left out.
    await using pusher = newPusher(told, { ...twice, gopSeconds: 30 });
    await pushClock(pusher, pushUrl(media, stream));
    let stalledUntil = 0;
    await using relay = await startRelay(playUrl(media, stream), {
      delayMs: () => Math.max(0, stalledUntil - performance.now()),
    });
    await using player = newPlayer(told, { ...twice, audioOutput: true });
    let sounds = 0;
    player.on('audioFrame', (frame) => {
      sounds++;
      frame.close();
    });
    await player.startPlay(relay.url, { type: PlayType.LIVE_RTMP_ACC });
    await until('a second and a half of it', () => sounds > 70);
    stalledUntil = performance.now() + 1500;
    await until(
      'the end of the stall',
      () => told.count('PLAY_WARNING_RECV_DATA_LAG') > 0 && told.count('PLAY_WARNING_VIDEO_PLAY_LAG') > 0,
    );
  },
};

/** Two pictures, then a sound, are damaged; then the stream's clock is set an hour ahead. */
const damagedStream: Scenario = {
  troubles: ['PLAY_WARNING_AUDIO_DECODE_FAIL', 'PLAY_WARNING_VIDEO_DECODE_FAIL', 'PLAY_WARNING_VIDEO_DISCONTINUITY'],
  async run(told, { directory }) {
    const file = join(directory, 'damaged.flv');
    await makeClip(file, { seconds: 4, gopSeconds: 0.5 });
    const tags = readFlv(await readFile(file));
    const at = (kind: 'audio' | 'video', fromMs: number) => {
      const coded = tags.find((tag) => tag.kind === kind && tag.timeMs >= fromMs && tag.body[0] !== 0x17);
      if (!coded) throw new Error(`the clip has no ${kind} at ${fromMs} ms`);
      return coded.body;
    };
    // Of one picture the lengths of its NAL units, of another what is in the first of them; of sound its frame.
    at('video', 700).fill(0xa5, 5);
    const picture = at('video', 1300);
    picture.fill(0xa5, 10, 9 + picture.readUInt32BE(5));
    at('audio', 1700).fill(0xa5, 2);
    for (const tag of tags) if (tag.dueMs >= 2500) tag.timeMs += 3_600_000;
    await using server = await startFlvServer(tags);
    await using player = newPlayer(told, { ...twice, videoFormat: 'i420' });
    await player.startPlay(server.url);
    await until('the jump', () => told.count('PLAY_WARNING_VIDEO_DISCONTINUITY') > 0);
    const damaged = told.count('PLAY_WARNING_VIDEO_DECODE_FAIL');
    if (damaged !== 2) throw new Error(`two pictures were damaged, ${damaged} were told of`);
  },
};

const closedWindow: Scenario = {
  troubles: ['PLAY_WARNING_WINDOW_LOST', 'PUSH_WARNING_WINDOW_LOST'],
  async run(told, { media }) {
    const stream = 'window';
    await using preview = await VideoWindow.open({ width: 320, height: 180 });
    await using window = await VideoWindow.open({ width: 320, height: 180 });
    await using pusher = newPusher(told);
    await pusher.startPreview({ source: 'synthetic', windowHandle: preview.handle });
    await pusher.startPush(pushUrl(media, stream));
    await using player = newPlayer(told);
    player.setRenderFrame(window.handle);
    await player.startPlay(playUrl(media, stream));
    await preview.close();
    await window.close();
    await until(
      'both losses',
      () => told.count('PUSH_WARNING_WINDOW_LOST') > 0 && told.count('PLAY_WARNING_WINDOW_LOST') > 0,
    );
  },
};

/** An encoder on hardware where there is none. */
const noHardware: Scenario = {
  troubles: ['PUSH_WARNING_HW_ACCELERATION_FAIL'],
  async run(told, { media }) {
    await using pusher = newPusher(told);
    pusher.enableHWAcceleration(true);
    await pusher.startPreview({ source: 'synthetic' });
    await pusher.startPush(pushUrl(media, 'hardware'));
    await until('the warning', () => told.count('PUSH_WARNING_HW_ACCELERATION_FAIL') > 0);
  },
};

/** Pictures of a format that FFmpeg does not convert, and a sound that is no number. */
const unusableFiles: Scenario = {
  troubles: ['PUSH_ERR_AUDIO_ENCODE_FAIL', 'PUSH_ERR_VIDEO_ENCODE_FAIL'],
  async run(told, { media, directory }) {
    const pictures = join(directory, 'uyyvyy411.nut');
    const sound = join(directory, 'nan.wav');
    const raw = ['-f', 'rawvideo', '-pix_fmt', 'uyyvyy411', '-video_size', '320x180', '-i', '/dev/zero'];
    const { code, stderr } = await runTool('ffmpeg', ['-v', 'error', ...raw, '-t', '1', '-c', 'copy', pictures]);
    if (code !== 0) throw new Error(`ffmpeg made no file: ${stderr}`);
    await writeFile(sound, floatWav(new Float32Array(48_000).fill(Number.NaN), 48_000));
    await using pusher = newPusher(told);
    await pusher.startPreview({ source: 'file', path: pictures });
    await pusher.startAudioCapture({ source: 'file', path: sound });
    await pusher.startPush(pushUrl(media, 'unusable'));
    await until(
      'both failures',
      () => told.count('PUSH_ERR_AUDIO_ENCODE_FAIL') > 0 && told.count('PUSH_ERR_VIDEO_ENCODE_FAIL') > 0,
    );
  },
};

/** A WAV file of one channel of 32-bit floating point. */
function floatWav(samples: Float32Array, sampleRate: number): Buffer {
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + samples.byteLength, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(3, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(sampleRate, 24);
  head.writeUInt32LE(4 * sampleRate, 28);
  head.writeUInt16LE(4, 32);
  head.writeUInt16LE(32, 34);
  head.write('data', 36);
  head.writeUInt32LE(samples.byteLength, 40);
  return Buffer.concat([head, Buffer.from(samples.buffer)]);
}

const bothDisconnect = ['PLAY_ERR_NET_DISCONNECT', 'PUSH_ERR_NET_DISCONNECT'] as const;
const bothReconnect = ['PLAY_WARNING_RECONNECT', 'PUSH_WARNING_RECONNECT'] as const;

const deadPort: Scenario = {
  troubles: [...bothDisconnect, ...bothReconnect, 'PLAY_WARNING_SEVER_CONN_FAIL', 'PUSH_WARNING_SEVER_CONN_FAIL'],
  async run(told) {
    const url = `rtmp://127.0.0.1:${await freePort()}/live/nobody`;
    await neitherStarts(told, url, url, {});
  },
};

const unknownName: Scenario = {
  troubles: [...bothDisconnect, 'PLAY_WARNING_DNS_FAIL', 'PUSH_WARNING_DNS_FAIL'],
  async run(told) {
    // RFC 6761: there is never such a name. Where no name server answers at all, the time limit tells the same.
    const url = 'rtmp://media.invalid/live/nowhere';
    await neitherStarts(told, url, url, { connectRetryCount: 0, connectTimeoutMs: 2000 });
  },
};

const silentServer: Scenario = {
  troubles: [...bothDisconnect, 'PLAY_WARNING_SHAKE_FAIL', 'PUSH_WARNING_SHAKE_FAIL'],
  async run(told) {
    await using server = await startSilentServer();
    await neitherStarts(told, server.url, server.url, { connectRetryCount: 0, connectTimeoutMs: 500 });
  },
};

const wrongSignature: Scenario = {
  troubles: [...bothDisconnect, 'PLAY_ERR_STREAM_REFUSED', 'PUSH_ERR_SERVER_REFUSED'],
  async run(told, { media }) {
    const forged = { key: 'another' };
    // With a try left: a refusal is final.
    await neitherStarts(told, pushUrl(media, 'refused', forged), playUrl(media, 'refused', forged), {});
  },
};

/** Each makes true what it tells. They may run at the same time. */
export const troubles = {
  closedWindow,
  cutConnection,
  damagedStream,
  deadPort,
  hangingServer,
  noHardware,
  silentServer,
  stalledNetwork,
  unknownName,
  unusableFiles,
  wrongSignature,
} satisfies Record<string, Scenario>;
