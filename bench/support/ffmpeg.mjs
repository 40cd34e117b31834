import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { clockMicros } from '#lib/live/engine';
import { Generator } from './Generator.mjs';

/** What people write at first, and what low-latency recipes say (x264 zerolatency, no probing, no buffering). */
const profiles = {
  default: { video: ['-c:v', 'libx264'], push: [], play: [], output: [] },
  tuned: {
    video: ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-bf', '0', '-threads', '1'],
    push: [
      '-flush_packets',
      '1',
      '-flvflags',
      'no_duration_filesize',
      '-rtmp_live',
      'live',
      '-rtmp_buffer',
      '0',
      '-tcp_nodelay',
      '1',
    ],
    play: [
      '-fflags',
      'nobuffer',
      '-flags',
      'low_delay',
      '-probesize',
      '32',
      '-analyzeduration',
      '0',
      '-threads',
      '1',
      '-rtmp_live',
      'live',
      '-rtmp_buffer',
      '0',
      '-tcp_nodelay',
      '1',
    ],
    output: ['-fps_mode', 'passthrough'],
  },
};

const quiet = ['-hide_banner', '-loglevel', 'error', '-nostdin', '-y'];

/** ffmpeg that pushes the generator's pictures and a tone. */
export class FfmpegPush {
  #child;
  #generator;

  constructor({ profile, url, width, height, fps, bitrateKbps, gopSeconds = 1 }) {
    const { video, push } = profiles[profile];
    const picture = [
      '-f',
      'rawvideo',
      '-pix_fmt',
      'yuv420p',
      '-s',
      `${width}x${height}`,
      '-r',
      String(fps),
      '-i',
      'pipe:0',
    ];
    const sound = ['-re', '-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000'];
    const rate = [
      '-b:v',
      `${bitrateKbps}k`,
      '-g',
      String(fps * gopSeconds),
      '-pix_fmt',
      'yuv420p',
      '-c:a',
      'aac',
      '-b:a',
      '64k',
    ];
    this.#child = spawn(
      'ffmpeg',
      [
        ...quiet.filter((option) => option !== '-nostdin'),
        ...picture,
        ...sound,
        ...video,
        ...rate,
        ...push,
        '-f',
        'flv',
        url,
      ],
      {
        stdio: ['pipe', 'ignore', 'inherit'],
      },
    );
    // A frame that does not fit the pipe would wait in this process and spoil the clock: it is left out instead.
    this.#child.stdin.on('error', () => undefined);
    this.#generator = new Generator({
      width,
      height,
      fps,
      onPicture: ({ data }) => {
        if (this.#child.stdin.writableLength < data.length) this.#child.stdin.write(data);
      },
    });
    this.#generator.start();
  }

  get pid() {
    return this.#child.pid;
  }

  async stop() {
    this.#generator.stop();
    await end(this.#child);
  }
}

/** ffmpeg that plays into this process: raw pictures with their time of arrival. */
export class FfmpegPlay {
  #child;

  constructor({ profile, url, width, height, onPicture }) {
    const { play, output } = profiles[profile];
    this.startedAtUs = clockMicros();
    this.#child = spawn(
      'ffmpeg',
      [...quiet, ...play, '-i', url, '-map', '0:v:0', ...output, '-f', 'rawvideo', '-pix_fmt', 'yuv420p', 'pipe:1'],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const picture = new Uint8Array((width * height * 3) / 2);
    let filled = 0;
    this.#child.stdout.on('data', (chunk) => {
      for (let at = 0; at < chunk.length; ) {
        const taken = Math.min(chunk.length - at, picture.length - filled);
        picture.set(chunk.subarray(at, at + taken), filled);
        at += taken;
        filled += taken;
        if (filled < picture.length) continue;
        filled = 0;
        onPicture({ width, height, data: picture, timestampMs: 0 }, clockMicros());
      }
    });
  }

  get pid() {
    return this.#child.pid;
  }

  stop() {
    return end(this.#child);
  }
}

async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'close');
  child.kill('SIGKILL');
  child.stdin?.destroy();
  await ended;
}
