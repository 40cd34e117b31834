import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../freePort.js';

/** A real redis-server in a folder of its own, which can be killed and started again on the same port. */
export class RedisServer {
  readonly port: number;
  readonly #folder: string;
  readonly #persistent: boolean;
  #process: ChildProcess | undefined;

  private constructor(port: number, folder: string, persistent: boolean) {
    this.port = port;
    this.#folder = folder;
    this.#persistent = persistent;
  }

  static async start(options: { persistent?: boolean } = {}): Promise<RedisServer> {
    const folder = await mkdtemp(join(tmpdir(), 'rtcroom-redis-'));
    const server = new RedisServer(await freePort(), folder, options.persistent ?? false);
    await server.run();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}/0`;
  }

  /** Starts the process (again); resolves when it answers. */
  async run(): Promise<void> {
    const persistence = this.#persistent ? ['--appendonly', 'yes', '--appendfsync', 'always'] : ['--appendonly', 'no'];
    const args = ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.#folder, '--save', ''];
    const child = spawn('redis-server', [...args, ...persistence], { stdio: 'ignore' });
    this.#process = child;
    let failed: Error | undefined;
    child.once('error', (error) => {
      failed = error;
    });
    for (const end = Date.now() + 10_000; !(await answers(this.port)); ) {
      if (failed) throw failed;
      if (child.exitCode !== null || Date.now() > end) throw new Error(`redis-server did not start: ${child.exitCode}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  async close(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.setTimeout(500, () => socket.destroy());
    socket.on('data', (data) => {
      resolve(data.toString().startsWith('+PONG'));
      socket.destroy();
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(false));
  });
}
