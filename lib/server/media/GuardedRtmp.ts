import { loadNodeMediaServer, type MediaPacket, type RtmpCommand } from './nodeMediaServer.js';

const nms = loadNodeMediaServer();

/** RTMP application that streams live under. */
export const liveApp = 'live';

const streamBegin = 0;
const streamEof = 1;
const mediaTypes = [8, 9];
/** No command or metadata of a real client comes near it. */
const maxCommandBytes = 64 * 1024;
/** Real clients use 3 to 6. */
const maxChunkStreams = 32;
/** Window after which a sender is told what has arrived, when it asked for none. nginx-rtmp's default is 5 000 000. */
const defaultAckWindow = 2_500_000;
/** Of enhanced RTMP: a flag of FourCcInfoMask and one of CapsExMask. */
const canForward = 4;
const modEx = 4;

export interface RtmpHandler {
  /** A publish command; answered by `acceptPublish` or `refuse`. */
  onPublishCommand(streamID: string, query: URLSearchParams): void;
  onPlayCommand(streamID: string, query: URLSearchParams): void;
  onDeleteStream(): void;
  onMedia(packet: MediaPacket): void;
  onOutput(buffer: Buffer): void;
  /** Whether media is taken: only a publisher may send large messages. */
  readonly publishing: boolean;
  readonly maxMessageBytes: number;
}

/** What broke the protocol; its text holds nothing that the peer sent. */
export class RtmpProtocolError extends Error {
  override readonly name = 'RtmpProtocolError';
}

/**
 * node-media-server's RTMP with what it lacks: bounds on every length the peer names, an answer to publish and play only
 * when they are decided, refusals that a client can read, acknowledgements.
 */
export class GuardedRtmp extends nms.Rtmp {
  readonly #handler: RtmpHandler;
  #received = 0;
  #acknowledged = 0;

  constructor(handler: RtmpHandler) {
    super();
    this.flv = undefined; // 1 MB a connection that RTMP never uses
    this.#handler = handler;
    this.onOutputCallback = (buffer) => handler.onOutput(buffer);
    this.onPacketCallback = (packet) => handler.onMedia(packet);
  }

  get handshaken(): boolean {
    return this.handshakeState === 3;
  }

  /** @throws RtmpProtocolError, or whatever the parser throws on garbage: the connection is to be ended */
  receive(data: Buffer): void {
    const error = this.parserData(data);
    if (error !== null) throw new RtmpProtocolError('chunk stream broken');
    this.#received += data.length;
    // half the window: a sender may stop at a full one
    if (this.#received - this.#acknowledged >= Math.max(this.ackSize ?? defaultAckWindow, 2) / 2) {
      this.#acknowledged = this.#received;
      if (this.#handler.publishing) this.sendACK(this.#received % 2 ** 32);
    }
  }

  override packetAlloc(): void {
    const { header } = this.parserPacket;
    const limit =
      this.#handler.publishing && mediaTypes.includes(header.type) ? this.#handler.maxMessageBytes : maxCommandBytes;
    if (header.length > limit) throw new RtmpProtocolError('message too long');
    if (this.inPackets.size > maxChunkStreams) throw new RtmpProtocolError('too many chunk streams');
    this.parserPacket.clock %= 2 ** 32; // RTMP time wraps after 49.7 days
    super.packetAlloc();
  }

  override controlHandler(): void {
    if (this.parserPacket.header.length < 4) throw new RtmpProtocolError('control message too short');
    super.controlHandler();
    if (this.inChunkSize < 1 || this.inChunkSize > 0xffffff) throw new RtmpProtocolError('chunk size out of range');
  }

  override dataHandler(): void {
    const { type, length } = this.parserPacket.header;
    // shorter ones have no content, and the base would read what an earlier message left behind them
    if (this.#handler.publishing && length >= (type === 9 ? 5 : 1)) super.dataHandler();
  }

  override onConnect(message: RtmpCommand): void {
    const app = message.cmdObj?.app;
    this.objectEncoding = message.cmdObj?.objectEncoding === 3 ? 3 : 0;
    this.sendWindowACK(5_000_000);
    this.setPeerBandwidth(5_000_000, 2);
    this.setChunkSize(this.outChunkSize);
    if (typeof app !== 'string' || app.split('?')[0]?.replace(/\/+$/, '') !== liveApp) {
      const info = { level: 'error', code: 'NetConnection.Connect.Rejected', description: 'no such application' };
      this.sendInvokeMessage(0, { cmd: '_error', transId: message.transId ?? 1, cmdObj: null, info });
      throw new RtmpProtocolError('connect to an unknown application');
    }
    this.streamApp = liveApp;
    const { fourCcList, videoFourCcInfoMap, audioFourCcInfoMap } = message.cmdObj ?? {};
    if ((fourCcList ?? videoFourCcInfoMap ?? audioFourCcInfoMap) === undefined) {
      this.respondConnect(message.transId ?? 1);
    } else {
      this.#respondEnhanced(message.transId ?? 1);
    }
  }

  /** To a client of enhanced RTMP: every codec is passed on. */
  #respondEnhanced(transId: number): void {
    const everyCodec = { '*': canForward };
    this.sendInvokeMessage(0, {
      cmd: '_result',
      transId,
      cmdObj: {
        fmsVer: 'FMS/3,0,1,123',
        capabilities: 31,
        videoFourCcInfoMap: everyCodec,
        audioFourCcInfoMap: everyCodec,
        capsEx: modEx,
      },
      info: {
        level: 'status',
        code: 'NetConnection.Connect.Success',
        description: 'Connection succeeded.',
        objectEncoding: this.objectEncoding,
      },
    });
  }

  override onCreateStream(message: RtmpCommand): void {
    this.streams = 0; // one stream a connection, always 1
    super.onCreateStream(message);
  }

  override onPublish(message: RtmpCommand): void {
    this.#handler.onPublishCommand(...this.#named(message));
  }

  override onPlay(message: RtmpCommand): void {
    const [name, query] = this.#named(message);
    // The Windows client of 2018 makes a live room's RTMP address out of its HTTP-FLV one.
    this.#handler.onPlayCommand(name.replace(/\.flv$/, ''), query);
  }

  override onDeleteStream(): void {
    this.#handler.onDeleteStream();
  }

  acceptPublish(): void {
    this.respondPublish();
  }

  acceptPlay(): void {
    this.respondPlay();
  }

  refuse(code: string, description: string): void {
    this.sendStatusMessage(this.streamId, 'error', code, description);
  }

  tellPublishStarted(): void {
    this.sendStreamStatus(streamBegin, this.streamId);
    this.sendStatusMessage(this.streamId, 'status', 'NetStream.Play.PublishNotify', 'The stream is published.');
  }

  tellPublishEnded(): void {
    this.sendStatusMessage(this.streamId, 'status', 'NetStream.Play.UnpublishNotify', 'The stream is unpublished.');
    this.sendStreamStatus(streamEof, this.streamId);
  }

  /** The stream that a command names, and the message stream it came on. */
  #named(message: RtmpCommand): [string, URLSearchParams] {
    if (typeof message.streamName !== 'string') throw new RtmpProtocolError('command without a stream name');
    if (this.streamApp !== liveApp) throw new RtmpProtocolError('command before connect');
    const mark = message.streamName.indexOf('?');
    this.streamId = this.parserPacket.header.stream_id;
    this.streamName = mark < 0 ? message.streamName : message.streamName.slice(0, mark);
    return [this.streamName, new URLSearchParams(mark < 0 ? '' : message.streamName.slice(mark + 1))];
  }
}
