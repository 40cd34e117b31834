import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EngineChoice } from '#lib/live/engine';
import type { LiveStatus } from '#lib/live/status';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { TXLivePusher } from '#lib/live/TXLivePusher';
import { readClock } from '#lib/measure/index';
import { heard } from '../support/live/heard.js';
import { type NginxRtmp, startNginxRtmp } from '../support/nginxRtmp.js';

const engines: [string, EngineChoice][] = [
  ['embedded', 'embedded'],
  ['process', { name: 'process', engine: 'embedded' }],
];

describe.each(engines)('encoders on hardware of the engine %s', (name, engine) => {
  let server: NginxRtmp;

  beforeAll(async () => {
    server = await startNginxRtmp();
  });
  afterAll(() => server?.close());

  it('encode where one opens; else software does, is named, and a warning tells it once', async () => {
    await using pusher = new TXLivePusher({ engine, statusIntervalMs: 200 });
    await using player = new TXLivePlayer();
    const warnings: string[] = [];
    const errors: string[] = [];
    pusher.on('PUSH_WARNING_HW_ACCELERATION_FAIL', ({ message }) => warnings.push(message));
    pusher.on('event', (event) => {
      if (event.severity === 'error') errors.push(event.name);
    });
    pusher.setVideoResolution(101);
    pusher.enableHWAcceleration(true);
    const started = heard(pusher, 'PUSH_EVT_START_VIDEO_ENCODER');
    await pusher.startPreview({ source: 'synthetic' });
    await pusher.startPush(`${server.rtmpUrl}/hardware-${name}`);
    const encoder = (await started).params.EVT_DESCRIPTION as string;
    await player.startPlay(`${server.rtmpUrl}/hardware-${name}`);
    let read = 0;
    for await (const frame of player.frames()) {
      if (readClock(frame)) read++;
      frame.close();
      if (read === 5) break;
    }
    const status = await new Promise<LiveStatus>((resolve) =>
      pusher.on('status', (report) => {
        if (report.VIDEO_ENCODER) resolve(report);
      }),
    );
    expect(status.VIDEO_ENCODER).toBe(encoder);
    // A machine without one is what this was written on.
    const software = /^lib(x|open)h?264$/.test(encoder);
    expect(warnings).toEqual(software ? [expect.stringContaining(encoder)] : []);
    expect(errors).toEqual([]);
  });

  it.skipIf(process.platform === 'win32')('is not there for AV1', async () => {
    await using pusher = new TXLivePusher({ engine, videoCodec: 'av1' });
    expect(() => pusher.enableHWAcceleration(true)).toThrow(expect.objectContaining({ code: 'ERR_RTC_UNSUPPORTED' }));
    pusher.enableHWAcceleration(false);
  });
});
