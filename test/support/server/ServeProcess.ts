import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { sdkAppID, secretKey } from './roomClient.js';

const program = fileURLToPath(new URL('./runServe.mjs', import.meta.url));

/** `rtcroom serve` as an operator starts it, with its defaults but for what a test names. */
export class ServeProcess {
  readonly url: string;
  readonly #child: ChildProcess;
  /** What it wrote to standard error. */
  log = '';

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
    child.stderr?.on('data', (text) => {
      this.log += text;
    });
  }

  static async start(flags: readonly string[]): Promise<ServeProcess> {
    const args = [
      'serve',
      '--json',
      '--rtmp-port',
      '0',
      '--http-flv-port',
      '0',
      '--sdk-app-id',
      String(sdkAppID),
      ...flags,
    ];
    const env = { ...process.env, RTCROOM_SECRET_KEY: secretKey };
    const child = spawn(process.execPath, [program, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    for await (const piece of child.stdout ?? []) {
      text += piece;
      if (!text.includes('\n')) continue;
      const line = JSON.parse(text);
      if (line.error) throw new Error(`rtcroom serve did not start: ${line.error.message}`);
      return new ServeProcess(child, new URL(line.doubleRoom).origin);
    }
    throw new Error('rtcroom serve did not start');
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}
