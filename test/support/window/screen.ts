import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { type ClockReading, readClock } from '#lib/measure/clock';
import { patient } from '../patience.js';

const run = promisify(execFile);

/** Width and height of the screen, px. */
export const screenSize = { width: 1280, height: 800 };

export interface Screen extends AsyncDisposable {
  /** What DISPLAY is while the screen is there; set in this process by startScreen. */
  readonly display: string;
  /** The X server's process. */
  readonly pid: number;
  /** Makes windows minimise and fill the screen as on a desktop, from now on. */
  startWindowManager(): Promise<void>;
  /** xdotool, on this screen. */
  tool(...args: string[]): Promise<string>;
  close(): Promise<void>;
}

/** Without what a sanitizer is loaded by: it is for Node.js, and Xvfb does not start under ThreadSanitizer. */
function toolEnvironment(): NodeJS.ProcessEnv {
  const { LD_PRELOAD: _, ...rest } = process.env;
  return rest;
}

/** An X server in memory on a free display, of this process. */
export async function startScreen(): Promise<Screen> {
  const size = `${screenSize.width}x${screenSize.height}x24`;
  const server = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', size, '-nolisten', 'tcp', '-noreset'], {
    env: toolEnvironment(),
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const number = createInterface({ input: server.stdio[3] as NodeJS.ReadableStream });
  const started = once(number, 'line');
  const failed = once(server, 'exit').then(() => {
    throw new Error('Xvfb ended before it had a display');
  });
  const [line] = await Promise.race([started, failed]);
  failed.catch(() => {});
  const display = `:${line}`;
  process.env.DISPLAY = display;
  const env = { ...toolEnvironment(), DISPLAY: display };
  const children: ChildProcess[] = [server];
  const close = async () => {
    for (const child of children.splice(0).reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill();
      await once(child, 'exit');
    }
    if (process.env.DISPLAY === display) delete process.env.DISPLAY;
  };
  return {
    display,
    pid: server.pid as number,
    tool: async (...args) => (await run('xdotool', args, { env })).stdout.trim(),
    startWindowManager: async () => {
      const manager = spawn('openbox', ['--sm-disable'], { env, stdio: 'ignore' });
      children.push(manager);
      // Only a window manager knows.
      await eventually(() =>
        run('xdotool', ['get_num_desktops'], { env }).then(
          () => true,
          () => undefined,
        ),
      );
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** The first answer of `ask` that is not undefined; asks again until the deadline. */
export async function eventually<T>(
  ask: () => Promise<T | undefined> | T | undefined,
  patienceMs = patient(15_000),
): Promise<T> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Error(`no answer within ${patienceMs} ms: ${ask}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Pixels of a window as they are on the screen. */
export class Screenshot {
  constructor(
    readonly width: number,
    readonly height: number,
    /** Blue, green, red in each pixel. */
    readonly data: Buffer,
    readonly stride: number,
    /** Bytes a pixel: xwd gives 3 where windows of several colour maps overlap, else 4. */
    readonly step: number,
  ) {}

  /** Red, green, blue at a place that is given in parts of the window. */
  at(across: number, down: number): [number, number, number] {
    const x = Math.min(this.width - 1, Math.round(across * this.width));
    const y = Math.min(this.height - 1, Math.round(down * this.height));
    const offset = y * this.stride + this.step * x;
    return [this.data[offset + 2] ?? 0, this.data[offset + 1] ?? 0, this.data[offset] ?? 0];
  }

  clock(): ClockReading | undefined {
    const luma = new Uint8Array(this.width * this.height);
    for (let y = 0; y < this.height; y++) {
      for (let x = 0; x < this.width; x++) {
        // BT.601, limited range, as it was before it became colours.
        const offset = y * this.stride + this.step * x;
        const [blue, green, red] = [this.data[offset] ?? 0, this.data[offset + 1] ?? 0, this.data[offset + 2] ?? 0];
        luma[y * this.width + x] = 16 + (66 * red + 129 * green + 25 * blue) / 256;
      }
    }
    return readClock({ width: this.width, height: this.height, data: luma });
  }
}

/** Undefined while the window is not to be seen. */
export async function screenshot(handle: bigint): Promise<Screenshot | undefined> {
  let dump: Buffer;
  try {
    const { stdout } = await run('xwd', ['-silent', '-id', String(handle)], {
      env: toolEnvironment(),
      encoding: 'buffer',
      maxBuffer: 64 * 1024 * 1024,
    });
    dump = stdout;
  } catch {
    return undefined;
  }
  // XWDFileHeader: 32-bit words, big-endian.
  const word = (index: number) => dump.readUInt32BE(4 * index);
  const [headerSize, width, height, bitsPerPixel, stride, colours] = [0, 4, 5, 11, 12, 19].map(word) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return new Screenshot(width, height, dump.subarray(headerSize + 12 * colours), stride, bitsPerPixel / 8);
}
