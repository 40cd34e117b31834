/**
 * What each engine tells of the events and status keys of the contract: docs/events.md is made from it, and the tests of
 * the engines drive what it promises and hold it to what it says never comes.
 */

const ofTheSdk = 'that is for what a LiteAV SDK tells without a name here';
const soundSystem = 'the sound system says only that it could not be opened: PUSH_ERR_OPEN_MIC_FAIL';
const noHardware = 'it decodes in software only';
const noLicence = 'it has no licence';
const refusedAtOnce = 'it checks every setting in the call, which throws';
const rejects = 'an address that is not valid rejects the call';

/**
 * Events that the embedded engine never tells, and why.
 * @type {Partial<Record<import('#lib/live/events').LiveEventName, string>>}
 */
export const embeddedNever = {
  PUSH_EVT_OTHER: ofTheSdk,
  PUSH_WARNING_VIDEO_ENCODE_FAIL: 'an encoder that fails is not started again by itself',
  PUSH_WARNING_BEAUTYSURFACE_VIEW_INIT_FAIL: 'setBeautyStyle throws where a filter is missing',
  PUSH_WARNING_VIDEO_ENCODE_BITRATE_OVERFLOW: 'its encoder keeps its bitrate over 0.4 s',
  PUSH_WARNING_SETTING_REFUSED: `${refusedAtOnce}; in a child process a watermark whose file is gone when it starts anew`,
  PUSH_WARNING_OTHER: ofTheSdk,
  PUSH_ERR_UNSUPPORTED_RESOLUTION: refusedAtOnce,
  PUSH_ERR_UNSUPPORTED_SAMPLERATE: refusedAtOnce,
  PUSH_ERR_INVALID_ADDRESS: rejects,
  PUSH_ERR_CAMERA_NOT_AUTHORIZED: 'FFmpeg does not tell this from other failures to open a camera',
  PUSH_ERR_MIC_NOT_AUTHORIZED: soundSystem,
  PUSH_ERR_LICENCE_REFUSED: noLicence,
  PUSH_ERR_OTHER: ofTheSdk,
  PLAY_EVT_PLAY_PROGRESS: 'it plays live streams only, which have no place to be at',
  PLAY_EVT_PLAY_END: 'a live stream that ends may come again: it reconnects',
  PLAY_EVT_OTHER: ofTheSdk,
  PLAY_WARNING_HW_ACCELERATION_FAIL: noHardware,
  PLAY_WARNING_FIRST_IDR_HW_DECODE_FAIL: noHardware,
  PLAY_WARNING_SETTING_REFUSED: refusedAtOnce,
  PLAY_WARNING_OTHER: ofTheSdk,
  PLAY_ERR_GET_RTMP_ACC_URL_FAIL: 'it asks no other server for the address',
  PLAY_ERR_STREAM_SWITCH_FAIL: 'it switches no streams',
  PLAY_ERR_INVALID_ADDRESS: rejects,
  PLAY_ERR_LICENCE_REFUSED: noLicence,
  PLAY_ERR_OTHER: ofTheSdk,
};

/**
 * Events that never come from the V2 generation of the LiteAV SDK: it tells no such thing.
 * @type {ReadonlySet<string>}
 */
export const liteavV2Never = new Set([
  'PUSH_EVT_CHANGE_BITRATE',
  'PUSH_EVT_MICROPHONE_AVAILABLE',
  'PUSH_EVT_KEY_FRAME_WANTED',
  'PUSH_EVT_OTHER',
  'PUSH_WARNING_HW_ACCELERATION_FAIL',
  'PUSH_WARNING_VIDEO_ENCODE_FAIL',
  'PUSH_WARNING_BEAUTYSURFACE_VIEW_INIT_FAIL',
  'PUSH_WARNING_VIDEO_ENCODE_BITRATE_OVERFLOW',
  'PUSH_WARNING_WINDOW_LOST',
  'PUSH_WARNING_MICROPHONE_LOST',
  'PUSH_ERR_VIDEO_ENCODE_FAIL',
  'PUSH_ERR_AUDIO_ENCODE_FAIL',
  'PUSH_ERR_UNSUPPORTED_RESOLUTION',
  'PUSH_ERR_UNSUPPORTED_SAMPLERATE',
  'PUSH_WARNING_DNS_FAIL',
  'PUSH_WARNING_SHAKE_FAIL',
  'PUSH_WARNING_SERVER_DISCONNECT',
  'PUSH_WARNING_SERVER_NO_DATA',
  'PLAY_WARNING_DNS_FAIL',
  'PLAY_WARNING_SHAKE_FAIL',
  'PLAY_WARNING_SERVER_DISCONNECT',
  'PLAY_EVT_PLAY_PROGRESS',
  'PLAY_EVT_PLAY_END',
  'PLAY_EVT_SPEAKER_AVAILABLE',
  'PLAY_EVT_OTHER',
  'PLAY_WARNING_VIDEO_DECODE_FAIL',
  'PLAY_WARNING_AUDIO_DECODE_FAIL',
  'PLAY_WARNING_RECONNECT',
  'PLAY_WARNING_RECV_DATA_LAG',
  'PLAY_WARNING_HW_ACCELERATION_FAIL',
  'PLAY_WARNING_VIDEO_DISCONTINUITY',
  'PLAY_WARNING_FIRST_IDR_HW_DECODE_FAIL',
  'PLAY_WARNING_WINDOW_LOST',
  'PLAY_WARNING_SPEAKER_LOST',
  'PLAY_ERR_GET_RTMP_ACC_URL_FAIL',
  'PLAY_ERR_OTHER',
]);

/**
 * @typedef {'both' | 'pusher' | 'player' | 'neither'} Sides
 * @typedef {object} StatusRow
 * @property {Sides} embedded which of its objects tell it
 * @property {Sides} liteavV2
 * @property {string} [pusher] what a pusher means by it
 * @property {string} [player] what a player means by it
 * @property {string} [why] why the embedded engine does not tell it
 */

const sdkOnly = /** @type {const} */ ({ embedded: 'neither', liteavV2: 'player' });
const overTcp = 'over TCP no packet of a stream is missing';
const noBlocks = 'it does not measure it';
const ownEvents = 'it tells each freeze by PLAY_WARNING_VIDEO_PLAY_LAG';

/**
 * The keys of the status reports.
 * @type {Record<import('#lib/live/status').StatusKey, StatusRow>}
 */
export const statusRows = {
  CPU_USAGE: {
    embedded: 'both',
    liteavV2: 'both',
    pusher: 'of this process since the report before, of all cores',
    player: 'the same',
  },
  CPU_USAGE_DEVICE: {
    embedded: 'both',
    liteavV2: 'both',
    pusher: 'of the machine since the report before; absent where the system does not tell',
    player: 'the same',
  },
  VIDEO_BITRATE: { embedded: 'both', liteavV2: 'both', pusher: 'what the encoder made', player: 'what arrived' },
  AUDIO_BITRATE: { embedded: 'both', liteavV2: 'both', pusher: 'what the encoder made', player: 'what arrived' },
  VIDEO_FPS: { embedded: 'both', liteavV2: 'both', pusher: 'encoded pictures', player: 'played pictures' },
  VIDEO_GOP: {
    embedded: 'both',
    liteavV2: 'neither',
    pusher: 'between the last two key frames that were encoded; absent before the second',
    player: 'between the last two key frames that arrived; absent before the second',
  },
  NET_SPEED: {
    embedded: 'both',
    liteavV2: 'both',
    pusher: 'all that was sent, with the protocol around it',
    player: 'all that was received, with the protocol around it',
  },
  NET_JITTER: {
    embedded: 'both',
    liteavV2: 'neither',
    pusher:
      'the mean deviation of the round trip, smoothed (RFC 6298); where the system tells only the round trip, how far it moves',
    player: 'interarrival jitter (RFC 3550) of the pictures, of the sound where there are none',
  },
  CACHE_SIZE: {
    embedded: 'both',
    liteavV2: 'neither',
    pusher: 'units of picture and sound that wait to be sent',
    player: 'units of picture and sound that wait to be played',
  },
  CODEC_CACHE: {
    embedded: 'both',
    liteavV2: 'neither',
    pusher: 'pictures in the encoder',
    player: 'pictures that are due and not yet decoded',
  },
  DROP_SIZE: {
    embedded: 'both',
    liteavV2: 'neither',
    pusher: 'units that the send queue dropped, over 5 s or 8 MB, since the object was made',
    player: 'pictures that the buffer left out, since the object was made',
  },
  CODEC_DROP_CNT: {
    embedded: 'both',
    liteavV2: 'neither',
    pusher: 'pictures that came faster than they could be encoded, since the object was made',
    player: 'pictures that could not be decoded, since the object was made',
  },
  VIDEO_WIDTH: {
    embedded: 'both',
    liteavV2: 'both',
    pusher: 'of the pictures that are encoded now',
    player: 'of the last decoded picture',
  },
  VIDEO_HEIGHT: {
    embedded: 'both',
    liteavV2: 'both',
    pusher: 'of the pictures that are encoded now',
    player: 'of the last decoded picture',
  },
  SERVER_IP: {
    embedded: 'both',
    liteavV2: 'neither',
    pusher: 'address and port of the server, or of the proxy before it',
    player: 'the same',
  },
  SET_VIDEO_BITRATE: {
    embedded: 'pusher',
    liteavV2: 'pusher',
    pusher: 'what the encoder may spend now, as the network leaves it; of the LiteAV SDK what was set',
  },
  SET_VIDEO_FPS: {
    embedded: 'pusher',
    liteavV2: 'neither',
    pusher: 'what the encoder gets now, as the network leaves it',
  },
  VIDEO_ENCODER: { embedded: 'pusher', liteavV2: 'neither', pusher: 'its name; absent before the first picture' },
  SKIP_SIZE: {
    embedded: 'pusher',
    liteavV2: 'neither',
    pusher:
      'pictures that were skipped before they were encoded since the network was behind, since the object was made',
  },
  QUEUE_DELAY: {
    embedded: 'pusher',
    liteavV2: 'neither',
    pusher: 'how long what is sent now waits, in the queue and in the network (docs/qos.md)',
  },
  RETRANSMITS: {
    embedded: 'pusher',
    liteavV2: 'neither',
    pusher: 'packets that TCP sent again, since the object was made; on Windows made from bytes',
  },
  VIDEO_CACHE_SIZE: { embedded: 'player', liteavV2: 'neither', player: 'pictures that wait to be played' },
  V_DEC_CACHE_SIZE: {
    embedded: 'player',
    liteavV2: 'neither',
    player: 'pictures in the decoder: as many as the stream is reordered by',
  },
  AV_PLAY_INTERVAL: {
    embedded: 'player',
    liteavV2: 'neither',
    player: 'timestamp of the last decoded picture less that of the last sound; absent without both',
  },
  AV_RECV_INTERVAL: {
    embedded: 'player',
    liteavV2: 'neither',
    player: 'timestamp of the last picture that arrived less that of the last sound; absent without both',
  },
  AUDIO_PLAY_SPEED: {
    embedded: 'player',
    liteavV2: 'neither',
    player: 'how many times as fast as it was made the sound was handed out since the report before; absent without',
  },
  AUDIO_INFO: {
    embedded: 'player',
    liteavV2: 'neither',
    player: 'sample rate and channels, "48000,1"; absent without sound',
  },
  RTT: {
    embedded: 'both',
    liteavV2: 'both',
    pusher: 'round trip, smoothed by the system; 0 where it does not tell',
    player: 'the same',
  },
  PLAY_DELAY: {
    embedded: 'player',
    liteavV2: 'player',
    player: 'what the buffer adds to the shortest way through the network',
  },
  END_TO_END_LATENCY: {
    embedded: 'player',
    liteavV2: 'neither',
    player:
      'how long ago the pictures that were shown since the report before had been taken; absent without that time',
  },
  AUDIO_PACKET_LOSS: { ...sdkOnly, player: 'as the SDK tells it', why: overTcp },
  VIDEO_PACKET_LOSS: { ...sdkOnly, player: 'as the SDK tells it', why: overTcp },
  AUDIO_BLOCK_TIME: { ...sdkOnly, player: 'as the SDK tells it', why: noBlocks },
  AUDIO_BLOCK_RATE: { ...sdkOnly, player: 'as the SDK tells it', why: noBlocks },
  VIDEO_BLOCK_TIME: { ...sdkOnly, player: 'as the SDK tells it', why: ownEvents },
  VIDEO_BLOCK_RATE: { ...sdkOnly, player: 'as the SDK tells it', why: ownEvents },
};
