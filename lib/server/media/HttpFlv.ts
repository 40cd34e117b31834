import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { liveApp } from './GuardedRtmp.js';
import type { LiveStream, StreamPlayer } from './LiveStream.js';
import { PlayerBudget } from './PlayerBudget.js';
import type { Streams } from './Streams.js';

export interface HttpFlvOptions {
  handshakeTimeoutMs: number;
  playerBudgetBytes: number;
  playerStallMs: number;
}

/** Serves `GET /live/<streamID>.flv?txSecret=…&txTime=…` and nothing else. A player is ended with its publisher. */
export class HttpFlv {
  readonly server: Server;
  readonly #streams: Streams;
  readonly #options: HttpFlvOptions;
  readonly #players = new Set<FlvPlayer>();

  constructor(streams: Streams, options: HttpFlvOptions) {
    this.#streams = streams;
    this.#options = options;
    this.server = createServer({
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: 10_000,
      connectionsCheckingInterval: 1000,
      headersTimeout: options.handshakeTimeoutMs,
      requestTimeout: options.handshakeTimeoutMs,
    });
    this.server.on('request', (request, response) => this.#onRequest(request, response));
  }

  check(nowMs: number): void {
    for (const player of this.#players) player.check(nowMs, this.#options.playerStallMs);
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    request.resume();
    response.setHeader('Access-Control-Allow-Origin', '*');
    response.setHeader('Connection', 'close');
    if (request.method !== 'GET') {
      answer(response, 405);
      return;
    }
    const [path = '', search = ''] = (request.url ?? '').split('?', 2);
    const streamID = new RegExp(`^/${liveApp}/([\\w-]+)\\.flv$`).exec(path)?.[1];
    if (streamID === undefined) {
      answer(response, 404);
      return;
    }
    const permission = this.#streams.requestPlay(streamID, new URLSearchParams(search));
    if (!permission.granted) {
      answer(response, 403, permission.reason);
      return;
    }
    response.writeHead(200, { 'Content-Type': 'video/x-flv', 'Cache-Control': 'no-store' });
    response.flushHeaders();
    const player = new FlvPlayer(
      request,
      response,
      permission.stream,
      permission.path,
      this.#options.playerBudgetBytes,
    );
    this.#players.add(player);
    response.on('close', () => {
      this.#players.delete(player);
      this.#streams.leave(permission.stream, player);
    });
    permission.stream.play(player);
  }
}

class FlvPlayer implements StreamPlayer {
  readonly id = randomUUID();
  readonly protocol = 'flv';
  readonly ip: string;
  readonly streamPath: string;
  playCount = 0;
  endTime = 0;
  readonly #response: ServerResponse;
  readonly #stream: LiveStream;
  readonly #budget: PlayerBudget;

  constructor(request: IncomingMessage, response: ServerResponse, stream: LiveStream, path: string, budget: number) {
    this.ip = `${request.socket.remoteAddress ?? 'unknown'}:${request.socket.remotePort ?? 0}`;
    this.streamPath = path;
    this.#response = response;
    this.#stream = stream;
    this.#budget = new PlayerBudget(budget);
    response.on('error', () => {}); // 'close' follows
  }

  sendBuffer(buffer: Buffer): void {
    if (this.#response.writableEnded || this.#response.destroyed) return;
    if (this.#budget.admit(this.#stream.kind, this.#queued, performance.now())) this.#response.write(buffer);
  }

  joined(): void {
    this.#budget.joined(this.#queued);
  }

  publishStarted(): void {}

  publishEnded(): void {
    this.end();
  }

  end(): void {
    this.#response.end();
  }

  check(nowMs: number, toleranceMs: number): void {
    if (this.#budget.stalled(this.#queued, nowMs, toleranceMs)) this.#response.destroy();
  }

  /** Without the kernel's part. The response's own count includes its socket's. */
  get #queued(): number {
    return this.#response.writableLength;
  }
}

function answer(response: ServerResponse, status: number, reason = ''): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(reason);
}
