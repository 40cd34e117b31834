/** What a client of merge_stream asks for; checked already: every stream named is its own or of a member of its room. */
export interface MixRequest {
  userID: string;
  /** Empty when the client mixes before it has a room. */
  roomID: string;
  /** The body of Tencent's `Mix_StreamV2`, as the client made it. */
  mergeParams: Readonly<Record<string, unknown>>;
}

export interface MixResult {
  /** 0: the mix is made or changed. Anything else goes to the client, which may try again. */
  code: number;
  message: string;
}

/** Mixes the streams of a room into one, for merge_stream. Give one to the RoomService; the embedded media server has none. */
export interface StreamMixer {
  /** Called once a merge_stream; `signal` ends it after 5 s. A rejection is told to the client as code -1. */
  mix(request: MixRequest, signal: AbortSignal): Promise<MixResult>;
}
