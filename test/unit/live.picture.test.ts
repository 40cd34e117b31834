import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EngineChoice } from '#lib/live/engine';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { TXLivePusher } from '#lib/live/TXLivePusher';
import type { VideoFrame } from '#lib/live/VideoFrame';
import { codeOf } from '../support/client/expectCode.js';
import { type NginxRtmp, startNginxRtmp } from '../support/nginxRtmp.js';
import { solidPng } from '../support/solidPng.js';

const engines: [string, EngineChoice][] = [
  ['embedded', 'embedded'],
  ['process', { name: 'process', engine: 'embedded' }],
];
const width = 320;
const height = 180;

describe.each(engines)('watermark and beauty on the engine %s', (name, engine) => {
  let server: NginxRtmp;
  let folder: string;
  let mark: string;
  let sending: NodeJS.Timeout;
  const pusher = new TXLivePusher({ engine });
  const player = new TXLivePlayer();

  beforeAll(async () => {
    server = await startNginxRtmp();
    folder = await mkdtemp(join(tmpdir(), 'rtcroom-picture-'));
    mark = join(folder, 'mark.png');
    await writeFile(mark, solidPng(40, 40, [255, 0, 0]));
    pusher.setVideoResolution(101);
    pusher.setVideoBitRate(4000);
    const data = new Uint8Array((width * height * 3) / 2).fill(128);
    data.fill(100, 0, width * height);
    await pusher.startPreview({ source: 'user' });
    sending = setInterval(() => pusher.sendCustomVideoData({ data, width, height }), 50);
    await pusher.startPush(`${server.rtmpUrl}/picture-${name}`);
    await player.startPlay(`${server.rtmpUrl}/picture-${name}`);
  });
  afterAll(async () => {
    clearInterval(sending);
    await player.close();
    await pusher.close();
    await server?.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Luma and red chroma of what the player shows, once `wanted` holds. */
  async function shows(wanted: (at: (x: number, y: number) => { luma: number; red: number }) => boolean) {
    const signal = AbortSignal.timeout(20_000);
    for await (const frame of player.frames({ capacity: 1, signal })) {
      const seen = wanted((x, y) => pixel(frame, x, y));
      frame.close();
      if (seen) return;
    }
    throw new Error('the playback ended');
  }

  it('the watermark comes, stays at a refusal, and goes', async () => {
    await pusher.setWatermark(mark, { x: 0.5, y: 0.5, scale: 0.25 });
    await shows((at) => at(180, 110).red > 200 && at(100, 50).red < 140);
    const text = join(folder, 'text.png');
    await writeFile(text, 'no picture');
    expect(await codeOf(pusher.setWatermark(text))).toBe('ERR_RTC_NOT_MEDIA');
    expect(await codeOf(pusher.setWatermark(join(folder, 'none.png')))).toBe('ERR_RTC_FILE_OPEN_FAILED');
    expect(await codeOf(pusher.setWatermark(''))).toBe('ERR_RTC_INVALID_ARGUMENT');
    for (const place of [{ x: -0.1 }, { y: 1.1 }, { scale: 0 }, { scale: 1.5 }, { x: Number.NaN }]) {
      expect(await codeOf(pusher.setWatermark(mark, place))).toBe('ERR_RTC_INVALID_ARGUMENT');
    }
    expect(await codeOf(pusher.setWatermark(mark, { signal: AbortSignal.abort() }))).toBe('ERR_RTC_ABORTED');
    await shows((at) => at(180, 110).red > 200 && at(100, 50).red < 140);
    await pusher.setWatermark(null);
    await shows((at) => at(180, 110).red < 140);
  });

  it('whitening lightens what the player shows, and off is as it was', async () => {
    pusher.setBeautyStyle(0, 5, 9);
    await shows((at) => at(100, 50).luma > 130);
    expect(() => pusher.setBeautyStyle(0, 10, 0)).toThrow(
      expect.objectContaining({ code: 'ERR_RTC_INVALID_ARGUMENT' }),
    );
    expect(() => pusher.setBeautyStyle(3 as 0, 1, 0)).toThrow(
      expect.objectContaining({ code: 'ERR_RTC_INVALID_ARGUMENT' }),
    );
    await shows((at) => at(100, 50).luma > 130);
    pusher.setBeautyStyle(0, 0, 0);
    await shows((at) => Math.abs(at(100, 50).luma - 100) < 6);
  });
});

function pixel(frame: VideoFrame, x: number, y: number): { luma: number; red: number } {
  const chroma = (width / 2) * (height / 2);
  const at = (y >> 1) * (width / 2) + (x >> 1);
  return {
    luma: frame.data[y * width + x] as number,
    red: frame.data[width * height + chroma + at] as number,
  };
}
