/** What the child process runs with; sent over its channel, since arguments and environment can be read by others. */
export interface MediaServerConfig {
  host: string;
  /** 0: a free one. */
  rtmpPort: number;
  httpPort: number;
  pushKey: string;
  playKey: string;
  handshakeTimeoutMs: number;
  publisherSilenceMs: number;
  takeoverSilenceMs: number;
  playerBudgetBytes: number;
  playerStallMs: number;
  maxConnections: number;
  maxMemoryMb: number;
  maxGopBytes: number;
  maxMessageBytes: number;
  revocations: [streamID: string, untilSeconds: number][];
}

/** A stream to be cut or, on the way back, one that is, and until when its push URLs are revoked. */
export interface Cut {
  id: number;
  streamID: string;
  untilSeconds: number;
}

export type ToChild =
  | { type: 'configure'; config: MediaServerConfig }
  | { type: 'cut'; cuts: Cut[] }
  | { type: 'revoke'; revocations: readonly (readonly [streamID: string, untilSeconds: number])[] }
  | { type: 'close' };

export type FromChild =
  | { type: 'ready'; rtmpPort: number; httpPort: number }
  | { type: 'failed'; code: string | undefined; message: string }
  | { type: 'publish'; streamID: string; expiresAtSeconds: number }
  | { type: 'unpublish'; streamID: string }
  | { type: 'cut'; cuts: Cut[] }
  | { type: 'log'; level: 'error' | 'warn' | 'info' | 'debug'; fields: Record<string, unknown>; message: string }
  | { type: 'alive'; rssMb: number };

/** How often the child says that it is alive. */
export const aliveIntervalMs = 1000;
