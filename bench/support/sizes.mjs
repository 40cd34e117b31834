import { VideoResolution } from '#lib/live/enums';

/** What is pushed: the SDK's documented bitrate of each size, 1080p's by its v2 interface. */
export const sizes = {
  '360p30': { width: 640, height: 360, fps: 30, bitrateKbps: 800, resolution: VideoResolution.RESOLUTION_640x360 },
  '720p30': { width: 1280, height: 720, fps: 30, bitrateKbps: 1500, resolution: VideoResolution.RESOLUTION_1280x720 },
  '1080p30': {
    width: 1920,
    height: 1080,
    fps: 30,
    bitrateKbps: 3000,
    resolution: VideoResolution.RESOLUTION_1920x1080,
  },
};
