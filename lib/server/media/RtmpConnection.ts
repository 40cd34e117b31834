import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { GuardedRtmp, type RtmpHandler, RtmpProtocolError } from './GuardedRtmp.js';
import type { LiveStream, StreamPlayer, StreamPublisher } from './LiveStream.js';
import type { MediaPacket } from './nodeMediaServer.js';
import { PlayerBudget } from './PlayerBudget.js';
import type { Streams } from './Streams.js';
import { expiryOf } from './UrlGate.js';

export interface RtmpConnectionOptions {
  /** From the first byte awaited to publish or play granted. */
  handshakeTimeoutMs: number;
  publisherSilenceMs: number;
  playerBudgetBytes: number;
  playerStallMs: number;
  maxMessageBytes: number;
}

/** Bytes taken before publish or play was granted: a handshake is 3073, commands come to about 1 KB. */
const maxBytesBeforeStream = 64 * 1024;
/** How long a refused client has to read why. */
const lingerMs = 1000;
const rtmpVersion = 3;

/** One RTMP client: a publisher or a player, or refused. */
export class RtmpConnection implements StreamPublisher, StreamPlayer, RtmpHandler {
  readonly id = randomUUID();
  readonly protocol = 'rtmp';
  readonly ip: string;
  readonly maxMessageBytes: number;
  playCount = 0;
  endTime = 0;
  streamPath = '';
  expiresAtSeconds = 0;
  readonly #socket: Socket;
  readonly #streams: Streams;
  readonly #options: RtmpConnectionOptions;
  readonly #rtmp: GuardedRtmp;
  readonly #budget: PlayerBudget;
  readonly #openedAtMs: number;
  #state: 'opening' | 'publishing' | 'playing' | 'ending' = 'opening';
  #stream: LiveStream | undefined;
  #bytes = 0;
  #lastDataAtMs: number;
  #endingAtMs = 0;

  constructor(socket: Socket, streams: Streams, options: RtmpConnectionOptions) {
    this.#socket = socket;
    this.#streams = streams;
    this.#options = options;
    this.ip = `${socket.remoteAddress ?? 'unknown'}:${socket.remotePort ?? 0}`;
    this.maxMessageBytes = options.maxMessageBytes;
    this.#budget = new PlayerBudget(options.playerBudgetBytes);
    this.#rtmp = new GuardedRtmp(this);
    this.#openedAtMs = this.#lastDataAtMs = performance.now();
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 10_000);
    socket.on('data', (data) => this.#onData(data));
    socket.on('error', () => {}); // 'close' follows
    socket.on('close', () => this.#leave());
  }

  get publishing(): boolean {
    return this.#state === 'publishing';
  }

  silenceMs(nowMs: number): number {
    return nowMs - this.#lastDataAtMs;
  }

  /** Deadlines; called a few times a second. */
  check(nowMs: number): void {
    const { handshakeTimeoutMs, publisherSilenceMs, playerStallMs } = this.#options;
    if (this.#state === 'opening' && nowMs - this.#openedAtMs > handshakeTimeoutMs) {
      this.#destroy('no publish or play in time');
    } else if (this.#state === 'publishing' && this.silenceMs(nowMs) > publisherSilenceMs) {
      this.#destroy('publisher fell silent');
    } else if (this.#state === 'playing' && this.#budget.stalled(this.#socket.writableLength, nowMs, playerStallMs)) {
      this.#destroy('player does not read');
    } else if (this.#state === 'ending' && nowMs - this.#endingAtMs > lingerMs) {
      this.#socket.destroy();
    }
  }

  end(reason: string): void {
    if (this.#state === 'ending') return;
    this.#streams.log('debug', { ip: this.ip, reason }, 'RTMP connection ended by the server');
    this.#leave();
    this.#state = 'ending';
    this.#endingAtMs = performance.now();
    this.#socket.end();
  }

  destroy(): void {
    this.#leave();
    this.#state = 'ending';
    this.#socket.destroy();
  }

  onPublishCommand(streamID: string, query: URLSearchParams): void {
    this.#requireOpening();
    const answer = this.#streams.requestPublish(streamID, query, performance.now());
    if (!answer.granted) {
      this.#refuse(answer.taken ? 'Publish.BadName' : 'Publish.Denied', answer.reason);
      return;
    }
    this.streamPath = answer.path;
    this.expiresAtSeconds = expiryOf(query);
    this.#state = 'publishing';
    this.#stream = answer.stream;
    this.#rtmp.acceptPublish();
    this.#streams.publish(answer.stream, this);
  }

  onPlayCommand(streamID: string, query: URLSearchParams): void {
    this.#requireOpening();
    const answer = this.#streams.requestPlay(streamID, query);
    if (!answer.granted) {
      this.#refuse('Play.Failed', answer.reason);
      return;
    }
    this.streamPath = answer.path;
    this.#state = 'playing';
    this.#stream = answer.stream;
    this.#rtmp.acceptPlay();
    answer.stream.play(this);
  }

  onDeleteStream(): void {
    if (this.#state === 'publishing' || this.#state === 'playing') this.end('deleteStream');
  }

  onMedia(packet: MediaPacket): void {
    if (this.#state === 'publishing') this.#stream?.send(packet);
  }

  onOutput(buffer: Buffer): void {
    if (this.#socket.writable) this.#socket.write(buffer);
  }

  sendBuffer(buffer: Buffer): void {
    if (this.#state !== 'playing' || !this.#socket.writable) return;
    const queued = this.#socket.writableLength;
    const kind = this.#stream?.kind ?? 'header';
    if (this.#budget.admit(kind, queued, performance.now())) this.#socket.write(buffer);
  }

  joined(): void {
    this.#budget.joined(this.#socket.writableLength);
  }

  publishStarted(): void {
    this.#rtmp.tellPublishStarted();
  }

  publishEnded(): void {
    this.#rtmp.tellPublishEnded();
  }

  #requireOpening(): void {
    if (this.#state !== 'opening') throw new RtmpProtocolError('second publish or play on a connection');
  }

  #refuse(code: string, reason: string): void {
    this.#rtmp.refuse(`NetStream.${code}`, reason);
    this.end('refused');
  }

  #onData(data: Buffer): void {
    if (this.#state === 'ending') return;
    this.#lastDataAtMs = performance.now();
    if (this.#bytes === 0 && data[0] !== rtmpVersion) {
      this.#destroy('not RTMP');
      return;
    }
    this.#bytes += data.length;
    if (this.#state === 'opening' && this.#bytes > maxBytesBeforeStream) {
      this.#destroy('too much before publish or play');
      return;
    }
    try {
      this.#rtmp.receive(data);
    } catch (error) {
      // the text of other errors may quote the peer
      const cause =
        error instanceof RtmpProtocolError ? error.message : error instanceof Error ? error.name : 'unknown';
      if (this.#rtmp.handshaken) this.end(`protocol: ${cause}`);
      else this.#destroy(`protocol: ${cause}`);
    }
  }

  #destroy(reason: string): void {
    this.#streams.log('info', { ip: this.ip, reason }, 'RTMP connection reset');
    this.#leave();
    this.#state = 'ending';
    this.#socket.resetAndDestroy();
  }

  #leave(): void {
    const stream = this.#stream;
    this.#stream = undefined;
    if (stream === undefined) return;
    if (this.#state === 'publishing') this.#streams.unpublish(stream, this);
    else this.#streams.leave(stream, this);
  }
}
