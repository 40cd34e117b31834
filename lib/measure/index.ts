export { BeepDetector, type BeepDetectorOptions, type PcmFrame } from './BeepDetector.js';
export {
  CallMeter,
  type CallMeterOptions,
  type CallReport,
  type LatencyReport,
  type MeteredPicture,
} from './CallMeter.js';
export { type ClockReading, drawClock, type LumaPicture, readClock } from './clock.js';
export { median, type Point, percentile, type SlopeInterval, theilSenInterval, theilSenSlope } from './statistics.js';
