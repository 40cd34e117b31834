import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { clockMicros } from '#lib/live/engine';
import { Generator } from './Generator.mjs';

/** What our encoder may borrow from: a bitrate means the same on both sides then, 0.4 s of it. */
const vbvSeconds = 0.4;

/**
 * What people write at first, and what low-latency recipes say: x264 zerolatency, a rate that is kept, no probing, no
 * buffering.
 */
const profiles = {
  default: { video: ['-c:v', 'libx264'], limited: false, push: [], play: [], output: [] },
  tuned: {
    limited: true,
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

const sound = ['-re', '-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000'];

const rawInput = ({ width, height, fps }) => [
  '-f',
  'rawvideo',
  '-pix_fmt',
  'yuv420p',
  '-s',
  `${width}x${height}`,
  '-r',
  String(fps),
];

/** Codecs, rates and the address behind the inputs. */
function pushOutput({ profile, url, fps, bitrateKbps, gopSeconds = 1, silent = false }) {
  const { video, push, limited } = profiles[profile];
  const limit = limited ? ['-maxrate', `${bitrateKbps}k`, '-bufsize', `${bitrateKbps * vbvSeconds}k`] : [];
  const rate = ['-b:v', `${bitrateKbps}k`, '-g', String(fps * gopSeconds), '-pix_fmt', 'yuv420p'];
  const audio = silent ? [] : ['-c:a', 'aac', '-b:a', '64k'];
  return [...video, ...rate, ...limit, ...audio, ...push, '-f', 'flv', url];
}

/** ffmpeg that pushes the generator's pictures and, unless `silent`, a tone. */
export class FfmpegPush {
  #child;
  #generator;

  constructor({ width, height, fps, ...output }) {
    const inputs = [...rawInput({ width, height, fps }), '-i', 'pipe:0', ...(output.silent ? [] : sound)];
    this.#child = spawn(
      'ffmpeg',
      [...quiet.filter((option) => option !== '-nostdin'), ...inputs, ...pushOutput({ fps, ...output })],
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

/** ffmpeg that pushes the pictures of a file, round and round, and a tone. */
export class FfmpegFilePush {
  #child;

  constructor({ width, height, fps, file, ...output }) {
    const inputs = ['-re', '-stream_loop', '-1', ...rawInput({ width, height, fps }), '-i', file.path, ...sound];
    this.#child = spawn('ffmpeg', [...quiet, ...inputs, ...pushOutput({ fps, ...output })], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }

  get ended() {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  get pid() {
    return this.#child.pid;
  }

  stop() {
    return end(this.#child);
  }
}

/** ffmpeg that copies an address into an MP4 file, as tuned as that can be: its muxer must know the stream before it begins. */
export class FfmpegRecord {
  #child;

  constructor({ url, path }) {
    const input = ['-fflags', 'nobuffer', '-rtmp_live', 'live', '-rtmp_buffer', '0', '-tcp_nodelay', '1', '-i', url];
    this.#child = spawn('ffmpeg', [...quiet, ...input, '-c', 'copy', '-f', 'mp4', path], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }

  get pids() {
    return [this.#child.pid];
  }

  close() {
    return end(this.#child);
  }
}

/** ffmpeg that decodes pictures and sound of an address and throws them away. */
export class FfmpegNullPlay {
  #child;
  #frames = 0;
  #atMs = performance.now();

  constructor({ profile, url }) {
    const { play, output } = profiles[profile];
    const progress = ['-progress', 'pipe:1', '-stats_period', '0.2'];
    this.#child = spawn('ffmpeg', [...quiet, ...progress, ...play, '-i', url, ...output, '-f', 'null', '-'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      const [name, value] = line.split('=');
      if (name !== 'frame') return;
      this.#frames = Number(value);
      this.#atMs = performance.now();
    });
  }

  get ended() {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  get pid() {
    return this.#child.pid;
  }

  progress() {
    // One that stands still tells nothing.
    return Promise.resolve({ frames: this.#frames, atMs: Math.max(this.#atMs, performance.now() - 1000) });
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
