import type { Logger } from '../logger.js';
import type { MixResult, StreamMixer } from '../media/StreamMixer.js';
import { ServiceCode, ServiceError } from '../ServiceError.js';
import type { RoomStore, RoomType } from '../store/RoomStore.js';
import type { StreamUrls } from './StreamUrls.js';

export interface MixingOptions {
  store: RoomStore;
  urls: StreamUrls;
  mixer: StreamMixer | undefined;
  logger: Logger;
}

export interface MergeInput {
  roomID: string;
  /** The JSON object, or the text of one. */
  mergeParams: unknown;
}

/** Code of a result that no mixer gave. */
const failed = -1;
/** As long as the original waited for the cloud, ms. */
const timeoutMs = 5000;
/** More streams than that are no mix: the cloud takes 16. */
const maxStreams = 32;
/** The cloud's are 4 levels deep; what is nested without end no mixer could hand on. */
const maxDepth = 32;

const noMixer: MixResult = {
  code: failed,
  message:
    'streams cannot be mixed: the media server of this service has no mixer; its operator can give one (StreamMixer)',
};

/** merge_stream: who may mix what, and the mixer's answer in the shape that clients know. */
export class Mixing {
  readonly #options: MixingOptions;

  constructor(options: MixingOptions) {
    this.#options = options;
  }

  get isAvailable(): boolean {
    return this.#options.mixer !== undefined;
  }

  /** Codes 2 malformed, 5 not a member or a stream of somebody else; what the mixer says is in the result. */
  async merge(type: RoomType, userID: string, input: MergeInput): Promise<MixResult> {
    const { store, urls, mixer, logger } = this.#options;
    const { roomID } = input;
    const mergeParams = parse(input.mergeParams);
    const room = roomID === '' ? undefined : await store.getRoom(type, roomID);
    if (roomID !== '' && !room?.members.some((member) => member.userID === userID)) {
      throw new ServiceError(ServiceCode.notMember, 'only a member of the room may mix its streams');
    }
    const own = new Set([urls.streamID(userID), ...(room ? [urls.streamID(userID, roomID)] : [])]);
    const allowed = new Set([...own, ...(room?.members.map((member) => member.streamID) ?? [])]);
    const streams = namedStreams(mergeParams);
    // A stream that is not of the room is not the caller's to hear, nor to write over.
    if (
      streams.length > maxStreams ||
      streams.some(({ id, isOutput }) => !(isOutput ? own : allowed).has(id as string))
    ) {
      const message = 'mergeParams may name only streams of the members of the room, and put out the own one';
      throw new ServiceError(ServiceCode.notMember, message);
    }
    if (!mixer) return noMixer;
    try {
      return await mixer.mix({ userID, roomID, mergeParams }, AbortSignal.timeout(timeoutMs));
    } catch (error) {
      logger.warn({ roomID, userID, err: error }, 'the mixer failed');
      return { code: failed, message: 'the mixer failed: try again; the log of the service tells why' };
    }
  }
}

function parse(given: unknown): Record<string, unknown> {
  let value = given;
  if (typeof value === 'string') {
    try {
      value = JSON.parse(value);
    } catch {
      value = undefined;
    }
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ServiceError(ServiceCode.parameter, 'mergeParams must be a JSON object, or the text of one');
  }
  return value as Record<string, unknown>;
}

const roles: Readonly<Record<string, { isOutput: boolean }>> = {
  input_stream_id: { isOutput: false },
  output_stream_id: { isOutput: true },
  mix_stream_session_id: { isOutput: true },
};

/** Every stream named anywhere in it. Without recursion: the nesting is the client's. */
function namedStreams(params: object): { id: unknown; isOutput: boolean }[] {
  const found: { id: unknown; isOutput: boolean }[] = [];
  const open: { value: unknown; depth: number }[] = [{ value: params, depth: 0 }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { value, depth } = next;
    if (typeof value !== 'object' || value === null) continue;
    if (depth > maxDepth) {
      throw new ServiceError(ServiceCode.parameter, `mergeParams may be nested ${maxDepth} levels deep, not more`);
    }
    for (const [key, inner] of Object.entries(value)) {
      const role = Object.hasOwn(roles, key) ? roles[key] : undefined;
      if (role) found.push({ id: inner, ...role });
      else open.push({ value: inner, depth: depth + 1 });
    }
  }
  return found;
}
