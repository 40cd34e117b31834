import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('serverProcess.mjs', import.meta.url));

export const sdkAppID = 1_400_000_000;
export const secretKey = 'a key of the benchmarks, of no other use';
/** Counted as `rtcroom serve` counts, but nobody is refused. */
const limits = { loginsPerMinute: 1_000_000, requestsPerMinute: 1_000_000 };

/** On Linux the server has one core, whatever else runs: how much it does is how fast one process of it is. */
function onOneCore(command) {
  return process.platform === 'linux' && cpus().length > 1 ? ['taskset', '-c', '0', ...command] : command;
}

/** A server in a process of its own, on one core. */
export class Server {
  #child;
  url;

  /** `options` of the RoomService, or `answers` by path of a bare fastify server. */
  static async start(options) {
    const server = new Server();
    const [command, ...args] = onOneCore([
      process.execPath,
      '--expose-gc',
      ...(process.env.BENCH_SERVER_FLAGS?.split(' ') ?? []),
      program,
      JSON.stringify(options.answers ? options : { sdkAppID, secretKey, ...limits, ...options }),
    ]);
    server.#child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const { url } = await server.#message();
    server.url = url;
    return server;
  }

  /** CPU time (µs) and memory (bytes: resident; `heap` with what lies outside of it) so far. `collect`: garbage is collected before. */
  used(options = { collect: false }) {
    this.#child.send(options);
    return this.#message();
  }

  async close() {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await ended;
  }

  async #message() {
    const ended = new AbortController();
    const exit = once(this.#child, 'exit', { signal: ended.signal }).then(() => {
      throw new Error('the server of the benchmark ended; what it printed tells why');
    });
    try {
      const [message] = await Promise.race([once(this.#child, 'message'), exit]);
      return message;
    } finally {
      exit.catch(() => undefined);
      ended.abort();
    }
  }
}
