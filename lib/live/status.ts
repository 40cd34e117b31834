/** Keys of the SDK's status report and their units; the native table is the same (a test compares them). */
export const statusUnits = {
  CPU_USAGE: 'percent',
  CPU_USAGE_DEVICE: 'percent',
  VIDEO_BITRATE: 'kbps',
  AUDIO_BITRATE: 'kbps',
  VIDEO_FPS: 'frames/s',
  VIDEO_GOP: 's',
  NET_SPEED: 'kbps',
  NET_JITTER: 'ms',
  CACHE_SIZE: 'frames',
  CODEC_CACHE: 'frames',
  DROP_SIZE: 'frames',
  CODEC_DROP_CNT: 'packets',
  VIDEO_WIDTH: 'px',
  VIDEO_HEIGHT: 'px',
  SERVER_IP: 'text',
  SET_VIDEO_BITRATE: 'kbps',
  SET_VIDEO_FPS: 'frames/s',
  VIDEO_ENCODER: 'text',
  SKIP_SIZE: 'frames',
  QUEUE_DELAY: 'ms',
  RETRANSMITS: 'packets',
  VIDEO_CACHE_SIZE: 'frames',
  V_DEC_CACHE_SIZE: 'frames',
  AV_PLAY_INTERVAL: 'ms',
  AV_RECV_INTERVAL: 'ms',
  AUDIO_PLAY_SPEED: 'factor',
  AUDIO_INFO: 'text',
  RTT: 'ms',
  PLAY_DELAY: 'ms',
  END_TO_END_LATENCY: 'ms',
  AUDIO_PACKET_LOSS: 'percent',
  VIDEO_PACKET_LOSS: 'percent',
  AUDIO_BLOCK_TIME: 'ms',
  AUDIO_BLOCK_RATE: 'percent',
  VIDEO_BLOCK_TIME: 'ms',
  VIDEO_BLOCK_RATE: 'percent',
} as const;

export type StatusKey = keyof typeof statusUnits;

/** A report, every `statusIntervalMs` while pushing or playing. A key that does not apply is absent. */
export type LiveStatus = {
  [Key in StatusKey]?: (typeof statusUnits)[Key] extends 'text' ? string : number;
};
