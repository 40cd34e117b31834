import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** px. */
export const screenSize = { width: 1600, height: 900 };

/** The display of DISPLAY, or an X server in memory for as long as it is needed. */
export class Screen {
  #server;

  /** @param {string} display as in DISPLAY */
  constructor(display, server) {
    this.display = display;
    this.#server = server;
  }

  static async open() {
    if (process.env.DISPLAY) return new Screen(process.env.DISPLAY);
    const size = `${screenSize.width}x${screenSize.height}x24`;
    // What is loaded before the libraries of Node.js, a sanitizer for example, is not for others.
    const { LD_PRELOAD: _, ...env } = process.env;
    const server = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', size, '-nolisten', 'tcp', '-noreset'], {
      env,
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });
    const failed = once(server, 'exit').then(() => Promise.reject(new Error('Xvfb ended before it had a display')));
    failed.catch(() => {});
    const [number] = await Promise.race([once(createInterface({ input: server.stdio[3] }), 'line'), failed]);
    return new Screen(`:${number}`, server);
  }

  async close() {
    if (!this.#server || this.#server.exitCode !== null || this.#server.signalCode !== null) return;
    this.#server.kill();
    await once(this.#server, 'exit');
  }

  /** What is on it now: written to `file` as PNG, and its luma. */
  async shot(file) {
    const { width, height } = screenSize;
    const grab = ['-f', 'x11grab', '-draw_mouse', '0', '-video_size', `${width}x${height}`, '-i', this.display];
    const picture = ['-frames:v', '1', '-update', '1', '-y', file];
    const luma = ['-frames:v', '1', '-f', 'rawvideo', '-pix_fmt', 'gray', 'pipe:1'];
    const ffmpeg = spawn('ffmpeg', ['-nostdin', '-loglevel', 'error', ...grab, ...picture, ...luma], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const exit = once(ffmpeg, 'close');
    const chunks = [];
    let errors = '';
    ffmpeg.stdout.on('data', (chunk) => chunks.push(chunk));
    ffmpeg.stderr.on('data', (chunk) => {
      errors += chunk;
    });
    const [code] = await exit;
    if (code !== 0) throw new Error(`ffmpeg took no picture of the screen: ${errors.trim()}`);
    return { width, height, data: Buffer.concat(chunks) };
  }
}
