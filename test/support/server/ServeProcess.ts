import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { sdkAppID, secretKey } from './roomClient.js';

const program = fileURLToPath(new URL('./runServe.mjs', import.meta.url));

/** `rtcroom serve` or `rtcroom media` as an operator starts it, with its defaults but for what a test names. */
export class ServeProcess {
  /** What it printed. */
  readonly addresses: { rtmpUrl: string; mediaControlUrl?: string; doubleRoom?: string; multiRoom?: string };
  readonly #child: ChildProcess;
  /** What it wrote to standard error. */
  log = '';

  private constructor(child: ChildProcess, addresses: ServeProcess['addresses']) {
    this.#child = child;
    this.addresses = addresses;
    child.stderr?.on('data', (text) => {
      this.log += text;
    });
  }

  /** Of the room service. */
  get url(): string {
    return new URL(this.addresses.doubleRoom as string).origin;
  }

  /** Flags of ports go before free ones. */
  static async start(flags: readonly string[], command: 'serve' | 'media' = 'serve'): Promise<ServeProcess> {
    const args = [command, '--json', '--rtmp-port', '0', '--http-flv-port', '0', ...flags];
    if (command === 'serve') args.push('--sdk-app-id', String(sdkAppID));
    const env = { ...process.env, RTCROOM_SECRET_KEY: secretKey };
    const child = spawn(process.execPath, [program, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    for await (const piece of child.stdout ?? []) {
      text += piece;
      if (!text.includes('\n')) continue;
      const line = JSON.parse(text);
      if (line.error) throw new Error(`rtcroom ${command} did not start: ${line.error.message}`);
      return new ServeProcess(child, line);
    }
    throw new Error(`rtcroom ${command} did not start`);
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}
