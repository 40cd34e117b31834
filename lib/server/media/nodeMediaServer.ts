import { createRequire } from 'node:module';

/** A media message as node-media-server passes it on. */
export interface MediaPacket {
  /** RTMP message type: 8 audio, 9 video, 18 data. */
  codec_type: number;
  /** See tagFlags. */
  flags: number;
  pts: number;
  dts: number;
  size: number;
  /** May be longer than `size`, and is used again for the next message. */
  data: Buffer;
}

/** What node-media-server's broadcast needs of whoever publishes or plays. */
export interface BroadcastSession {
  readonly id: string;
  readonly ip: string;
  readonly protocol: 'rtmp' | 'flv';
  readonly streamPath: string;
  playCount: number;
  endTime: number;
  sendBuffer(buffer: Buffer): void;
}

export interface Broadcast {
  publisher: BroadcastSession | null;
  readonly subscribers: Map<string, BroadcastSession>;
  flvGopCache: Set<Buffer> | null;
  rtmpGopCache: Set<Buffer> | null;
  postPublish(session: BroadcastSession): string | null;
  postPlay(session: BroadcastSession): string | null;
  donePlay(session: BroadcastSession): void;
  broadcastMessage(packet: MediaPacket): void;
  _finishPublish(): void;
}

export interface RtmpCommand {
  cmd?: string;
  transId?: number;
  cmdObj?: {
    app?: unknown;
    objectEncoding?: unknown;
    fourCcList?: unknown;
    videoFourCcInfoMap?: unknown;
    audioFourCcInfoMap?: unknown;
  } | null;
  streamName?: string;
}

/** node-media-server's RTMP handshake, chunk parser and answers. */
export interface RtmpBase {
  flv: unknown;
  streamId: number;
  /** Message streams made by createStream. */
  streams: number;
  /** 3: done. */
  readonly handshakeState: number;
  inChunkSize: number;
  outChunkSize: number;
  objectEncoding: number;
  ackSize?: number;
  streamApp: string;
  streamName: string;
  readonly inPackets: Map<number, { capacity: number; header: { length: number; type: number }; clock: number }>;
  readonly parserPacket: {
    header: { length: number; type: number; stream_id: number };
    capacity: number;
    clock: number;
  };
  onPacketCallback: (packet: MediaPacket) => void;
  onOutputCallback: (buffer: Buffer) => void;
  parserData(buffer: Buffer): string | null;
  packetAlloc(): void;
  controlHandler(): void;
  dataHandler(): void;
  onConnect(message: RtmpCommand): void;
  onCreateStream(message: RtmpCommand): void;
  onPublish(message: RtmpCommand): void;
  onPlay(message: RtmpCommand): void;
  onDeleteStream(message: RtmpCommand): void;
  sendACK(bytes: number): void;
  sendWindowACK(bytes: number): void;
  setPeerBandwidth(bytes: number, type: number): void;
  setChunkSize(bytes: number): void;
  sendStreamStatus(event: number, streamId: number): void;
  sendStatusMessage(streamId: number, level: 'status' | 'error', code: string, description: string): void;
  sendInvokeMessage(streamId: number, message: object): void;
  respondConnect(transId: number | undefined): void;
  respondPublish(): void;
  respondPlay(): void;
}

export interface RtmpClass {
  new (): RtmpBase;
  createMessage(packet: MediaPacket): Buffer;
}

export interface NodeMediaServerParts {
  Rtmp: RtmpClass;
  BroadcastServer: new (streamPath: string) => Broadcast;
  /** Registry that a broadcast takes itself out of when it is empty. */
  broadcasts: Map<string, Broadcast>;
  decodeMetadata(data: Buffer): { cmd?: unknown; dataObj?: unknown };
}

const testedVersion = /^4\.4\.\d+$/;

/**
 * The parts of node-media-server that we build on: RTMP protocol, broadcast and GOP cache. Its listeners, HTTP API,
 * console, store and recorder are not loaded, so none of them can be reached and nothing is written to disk.
 * These are internals; a version whose internals differ is refused here, not found out in the middle of a call.
 * @throws Error naming what does not fit
 */
export function loadNodeMediaServer(): NodeMediaServerParts {
  const require = createRequire(import.meta.url);
  const load = (path: string) => require(`node-media-server/${path}`);
  const version: unknown = load('package.json').version;
  if (typeof version !== 'string' || !testedVersion.test(version)) {
    throw misfit(`version ${String(version)}`);
  }
  const logger = load('src/core/logger.js');
  const context = load('src/core/context.js');
  const Rtmp = load('src/protocol/rtmp.js');
  const BroadcastServer = load('src/server/broadcast_server.js');
  const { decodeAmf0Data } = load('src/protocol/amf.js');
  requireFunctions('Rtmp', Rtmp, ['createMessage']);
  requireFunctions('Rtmp', new Rtmp(), [
    ...['parserData', 'packetAlloc', 'controlHandler', 'dataHandler', 'onConnect', 'onPublish', 'onPlay'],
    ...[
      'onCreateStream',
      'onDeleteStream',
      'sendACK',
      'sendWindowACK',
      'setPeerBandwidth',
      'setChunkSize',
      'sendStreamStatus',
    ],
    ...['sendStatusMessage', 'sendInvokeMessage', 'respondConnect', 'respondPublish', 'respondPlay'],
  ]);
  requireFunctions('BroadcastServer', new BroadcastServer('/live/probe'), [
    ...['postPublish', 'postPlay', 'donePlay', 'broadcastMessage', '_finishPublish'],
  ]);
  requireFunctions('amf', { decodeAmf0Data }, ['decodeAmf0Data']);
  if (!(context?.broadcasts instanceof Map)) throw misfit('no registry of broadcasts');
  const { createMessage } = Rtmp;
  Rtmp.createMessage = (packet: MediaPacket) => onPlayStream(createMessage.call(Rtmp, packet));
  // its lines would go to standard output; what matters of them we log ourselves
  logger.log = () => {};
  return { Rtmp, BroadcastServer, broadcasts: context.broadcasts, decodeMetadata: decodeAmf0Data };
}

/** Media messages are made for message stream 0, commands' stream; strict players want them on the one they play on. */
function onPlayStream(message: Buffer): Buffer {
  message.writeUInt32LE(1, 8); // after a basic header of 1 byte: time 3, length 3, type 1
  return message;
}

function requireFunctions(what: string, owner: Record<string, unknown>, names: string[]): void {
  const missing = names.filter((name) => typeof owner?.[name] !== 'function');
  if (missing.length > 0) throw misfit(`${what} lacks ${missing.join(', ')}`);
}

function misfit(what: string): Error {
  return new Error(`node-media-server does not fit (${what}): install node-media-server 4.4`);
}
