import { connect, type Socket } from 'node:net';
import { until } from './mediaServer.js';

/** Chunk size that it sets, so that each of its messages is one chunk. */
const chunkSize = 0x100000;

/** A bare RTMP client for what real programs do not do: silence, stalls, floods, a look at the raw answers. */
export class RawRtmpClient {
  readonly socket: Socket;
  readonly #chunks: Buffer[] = [];
  #receivedBytes = 0;
  #closed = false;
  #reset = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (data) => {
      this.#chunks.push(data);
      this.#receivedBytes += data.length;
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#reset = error.code === 'ECONNRESET' || error.code === 'EPIPE';
    });
    socket.on('close', () => {
      this.#closed = true;
    });
  }

  /** A connection without a byte sent. */
  static async open(url: string): Promise<RawRtmpClient> {
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    const client = new RawRtmpClient(socket);
    await until('connected', () => !socket.connecting);
    return client;
  }

  /** Handshake, connect (with further properties), createStream and then publish or play of the URL's stream. */
  static async request(
    command: 'publish' | 'play',
    url: string,
    properties: { [name: string]: AmfValue } = {},
  ): Promise<RawRtmpClient> {
    const client = await RawRtmpClient.open(url);
    const [app = '', name = ''] = new URL(url).pathname.slice(1).split('/');
    await client.handshake();
    client.sendMessage(1, 0, Buffer.from([0, chunkSize >> 16, (chunkSize >> 8) & 0xff, chunkSize & 0xff]));
    client.sendCommand(0, 'connect', 1, { app, tcUrl: url.split('?')[0] as string, ...properties });
    client.sendCommand(0, 'createStream', 2, null);
    const streamName = name + new URL(url).search;
    client.sendCommand(1, command, 3, null, streamName, ...(command === 'publish' ? ['live'] : []));
    return client;
  }

  get closed(): boolean {
    return this.#closed;
  }

  get wasReset(): boolean {
    return this.#reset;
  }

  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  get bytesWritten(): number {
    return this.socket.bytesWritten;
  }

  /** Whether a text, such as a status code or a marker in a frame, came in. */
  saw(text: string): boolean {
    return this.#received().includes(text);
  }

  positionOf(text: string): number {
    return this.#received().indexOf(text);
  }

  waitFor(text: string, deadlineMs?: number): Promise<void> {
    return until(`answer with ${text}`, () => this.saw(text), deadlineMs);
  }

  waitForClose(deadlineMs?: number): Promise<void> {
    return until('connection closed by the server', () => this.#closed, deadlineMs);
  }

  async handshake(): Promise<void> {
    this.socket.write(Buffer.concat([Buffer.from([3]), Buffer.alloc(1536, 7)]));
    await until('handshake answered', () => this.#receivedBytes >= 3073 || this.#closed);
    this.socket.write(Buffer.alloc(1536, 7));
  }

  sendCommand(streamId: number, name: string, transaction: number, ...args: AmfValue[]): void {
    this.sendMessage(20, streamId, Buffer.concat([name, transaction, ...args].map(amf)));
  }

  /** H.264 sequence header, not a decodable one: the server does not look into it. */
  sendVideoHeader(marker: string): void {
    this.sendMessage(9, 1, Buffer.concat([Buffer.from([0x17, 0, 0, 0, 0]), Buffer.from(marker)]));
  }

  sendFrame(marker: string, options: { key?: boolean; timestampMs?: number; bytes?: number } = {}): void {
    const payload = Buffer.alloc(Math.max(options.bytes ?? 0, marker.length));
    payload.write(marker);
    const head = Buffer.from([options.key ? 0x17 : 0x27, 1, 0, 0, 0]);
    this.sendMessage(9, 1, Buffer.concat([head, payload]), options.timestampMs);
  }

  sendMessage(type: number, streamId: number, payload: Buffer, timestampMs = 0): void {
    const header = Buffer.alloc(12);
    header[0] = type === 9 ? 6 : 3;
    header.writeUIntBE(timestampMs, 1, 3);
    header.writeUIntBE(payload.length, 4, 3);
    header[7] = type;
    header.writeUInt32LE(streamId, 8);
    this.socket.write(Buffer.concat([header, payload]));
  }

  #received(): Buffer {
    if (this.#chunks.length > 1) this.#chunks.splice(0, this.#chunks.length, Buffer.concat(this.#chunks));
    return this.#chunks[0] ?? Buffer.alloc(0);
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}

type AmfValue = string | number | null | AmfValue[] | { [name: string]: AmfValue };

function amf(value: AmfValue): Buffer {
  if (value === null) return Buffer.from([5]);
  if (typeof value === 'number') {
    const buffer = Buffer.alloc(9);
    buffer.writeDoubleBE(value, 1);
    return buffer;
  }
  if (typeof value === 'string') return Buffer.concat([Buffer.from([2]), counted(value)]);
  if (Array.isArray(value)) {
    const count = Buffer.alloc(4);
    count.writeUInt32BE(value.length);
    return Buffer.concat([Buffer.from([10]), count, ...value.map(amf)]);
  }
  const fields = Object.entries(value).flatMap(([name, field]) => [counted(name), amf(field)]);
  return Buffer.concat([Buffer.from([3]), ...fields, Buffer.from([0, 0, 9])]);
}

function counted(text: string): Buffer {
  const buffer = Buffer.alloc(2 + Buffer.byteLength(text));
  buffer.writeUInt16BE(Buffer.byteLength(text));
  buffer.write(text, 2);
  return buffer;
}
