import { type Broadcast, type BroadcastSession, loadNodeMediaServer, type MediaPacket } from './nodeMediaServer.js';
import type { PacketKind } from './PlayerBudget.js';
import { flagsOf, tagFlags } from './tagFlags.js';

const nms = loadNodeMediaServer();

export interface StreamPublisher extends BroadcastSession {
  readonly expiresAtSeconds: number;
  /** ms since it last sent anything. */
  silenceMs(nowMs: number): number;
  /** Ends the connection. The stream is told by its owner, not by this call. */
  end(reason: string): void;
}

export interface StreamPlayer extends BroadcastSession {
  /** Headers and GOP were sent. */
  joined(): void;
  publishStarted(): void;
  publishEnded(): void;
  end(reason: string): void;
}

/** AMF0 string "@setDataFrame", which a publisher puts before metadata and which is not for players. */
const setDataFrame = Buffer.concat([Buffer.from([2, 0, 13]), Buffer.from('@setDataFrame')]);
const kinds: Record<number, PacketKind> = {
  [tagFlags.audioHeader]: 'header',
  [tagFlags.audio]: 'audio',
  [tagFlags.videoHeader]: 'header',
  [tagFlags.keyFrame]: 'key',
  [tagFlags.interFrame]: 'inter',
  [tagFlags.metadata]: 'header',
};

/** One stream: its publisher, its players and the GOP that a joining player gets, on node-media-server's broadcast. */
export class LiveStream {
  readonly streamID: string;
  readonly #broadcast: Broadcast;
  readonly #path: string;
  readonly #maxGopBytes: number;
  readonly #players = new Set<StreamPlayer>();
  #publisher: StreamPublisher | undefined;
  #gopBytes = 0;
  /** Of the message that is being sent to the players. */
  kind: PacketKind = 'header';

  constructor(streamID: string, path: string, maxGopBytes: number) {
    this.streamID = streamID;
    this.#path = path;
    this.#maxGopBytes = maxGopBytes;
    this.#broadcast = new nms.BroadcastServer(path);
    nms.broadcasts.set(path, this.#broadcast);
  }

  get publisher(): StreamPublisher | undefined {
    return this.#publisher;
  }

  get players(): ReadonlySet<StreamPlayer> {
    return this.#players;
  }

  get empty(): boolean {
    return this.#publisher === undefined && this.#players.size === 0;
  }

  /** The stream must have no publisher. */
  publish(publisher: StreamPublisher): void {
    nms.broadcasts.set(this.#path, this.#broadcast);
    const refusal = this.#broadcast.postPublish(publisher);
    if (refusal !== null) throw new Error('the stream already has a publisher');
    this.#publisher = publisher;
    for (const player of this.#players) player.publishStarted();
  }

  /** Frees the stream at once, without node-media-server's 30 s of grace, and forgets all that the publisher sent. */
  unpublish(publisher: StreamPublisher): boolean {
    if (this.#publisher !== publisher) return false;
    this.#publisher = undefined;
    this.#broadcast._finishPublish();
    this.#forgetGop();
    for (const player of [...this.#players]) player.publishEnded();
    return true;
  }

  play(player: StreamPlayer): void {
    nms.broadcasts.set(this.#path, this.#broadcast);
    this.kind = 'header';
    const refusal = this.#broadcast.postPlay(player);
    if (refusal !== null) throw new Error('the stream refuses its player');
    this.#players.add(player);
    player.joined();
  }

  leave(player: StreamPlayer): void {
    if (this.#players.delete(player)) this.#broadcast.donePlay(player);
  }

  send(packet: MediaPacket): void {
    packet.data = packet.data.subarray(0, packet.size);
    if (packet.codec_type === 18) {
      prepareData(packet);
    } else {
      if (packet.codec_type !== 8 && packet.codec_type !== 9) return;
      const flags = flagsOf(packet.codec_type, packet.data);
      if (flags === undefined) return; // players are told the end by unpublishing; cached, it would be a GOP without a picture
      packet.flags = flags;
    }
    this.kind = kinds[packet.flags] ?? 'data';
    if (packet.flags === tagFlags.keyFrame) this.#gopBytes = 0;
    this.#gopBytes += packet.size;
    if (this.#gopBytes > this.#maxGopBytes) this.#forgetGop();
    this.#broadcast.broadcastMessage(packet);
  }

  #forgetGop(): void {
    this.#broadcast.rtmpGopCache = null;
    this.#broadcast.flvGopCache = null;
    this.#gopBytes = 0;
  }
}

/** Only onMetaData is kept for players to come; any other data message is passed on. */
function prepareData(packet: MediaPacket): void {
  if (packet.data.subarray(0, setDataFrame.length).equals(setDataFrame)) {
    packet.data = packet.data.subarray(setDataFrame.length);
    packet.size = packet.data.length;
  }
  packet.flags = isMetadata(packet.data) ? tagFlags.metadata : tagFlags.other;
  // ffmpeg takes metadata of another time than 0 for subtitles
  if (packet.flags === tagFlags.metadata) packet.dts = packet.pts = 0;
}

function isMetadata(data: Buffer): boolean {
  try {
    const { cmd, dataObj } = nms.decodeMetadata(data);
    return cmd === 'onMetaData' && typeof dataObj === 'object' && dataObj !== null;
  } catch {
    return false; // not AMF0 that can be read: the players' business
  }
}
