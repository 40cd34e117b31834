import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EmbeddedMediaServer } from '#lib/server/media/EmbeddedMediaServer';
import { probe, pushClip, runTool } from '../support/ffmpeg.js';
import { flvUrl, nextEvent, playUrl, pushUrl } from '../support/mediaServer.js';

describe('ffmpeg and the embedded media server', () => {
  const media = new EmbeddedMediaServer();
  let directory = '';
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'rtcroom-ffmpeg-'));
    await media.start();
  });
  afterAll(async () => {
    await media.close();
    await rm(directory, { recursive: true, force: true });
  });

  it.each([
    ['RTMP', playUrl],
    ['HTTP-FLV', flvUrl],
  ])('what it pushes is read whole over %s, and ends with the publisher', async (protocol, urlOf) => {
    const streamID = `whole-${protocol}`;
    const published = nextEvent(media, 'publish');
    await using push = pushClip(pushUrl(media, streamID), { seconds: 4, gopSeconds: 20 });
    await published;
    const file = join(directory, `${streamID}.mkv`);
    const read = await runTool('ffmpeg', ['-v', 'error', '-i', urlOf(media, streamID), '-c', 'copy', file]);
    expect(read).toMatchObject({ code: 0, stderr: '' });
    expect((await push.done).code).toBe(0);
    const { streams, packets } = await probe(file);
    expect(streams.map((stream) => stream.codec_name).sort()).toEqual(['aac', 'h264']);
    expect(streams.find((stream) => stream.codec_type === 'video')).toMatchObject({ width: 320, height: 180 });
    const video = packets.filter((packet) => packet.codec_type === 'video').map((packet) => Number(packet.pts_time));
    expect(packets.find((packet) => packet.codec_type === 'video')?.flags).toMatch(/^K/);
    // one GOP, which the cache gives from its beginning however late ffmpeg joined
    expect(video.length).toBe(120);
    for (let i = 1; i < video.length; i++)
      expect((video[i] as number) - (video[i - 1] as number)).toBeCloseTo(1 / 30, 2);
  });

  it.each([
    ['unsigned', (id: string) => `${media.rtmpUrl}/${id}`],
    ['signed by the play key', (id: string) => pushUrl(media, id, { key: media.playKey })],
    ['signed wrongly', (id: string) => pushUrl(media, id, { key: 'another' })],
    ['of another stream', (id: string) => pushUrl(media, 'another').replace('/another', `/${id}`)],
    ['expired', (id: string) => pushUrl(media, id, { expiresAtSeconds: Math.floor(Date.now() / 1000) })],
  ])('its push is refused at once when %s', async (_what, urlOf) => {
    const { code, stderr } = await pushClip(urlOf('refused'), { seconds: 10 }).done;
    expect(code).not.toBe(0);
    expect(stderr).toContain('Server error');
    expect(media.isPublishing('refused')).toBe(false);
  });

  it.each([
    ['unsigned', () => `${media.rtmpUrl}/played`, () => `${media.httpUrl}/played.flv`],
    [
      'signed by the push key',
      () => playUrl(media, 'played', { key: media.pushKey }),
      () => flvUrl(media, 'played', { key: media.pushKey }),
    ],
    [
      'expired',
      () => playUrl(media, 'played', { expiresAtSeconds: 1_500_000_000 }),
      () => flvUrl(media, 'played', { expiresAtSeconds: 1_500_000_000 }),
    ],
  ])('its playing is refused at once when %s', async (_what, ...urls) => {
    const published = nextEvent(media, 'publish');
    await using push = pushClip(pushUrl(media, 'played'), { seconds: 20 });
    await published;
    for (const url of urls) {
      const { code } = await runTool('ffprobe', ['-v', 'error', '-show_streams', url()], { deadlineMs: 5000 });
      expect(code).not.toBe(0);
    }
    const unpublished = nextEvent(media, 'unpublish');
    push.kill();
    await unpublished;
  });

  it('a second push of a stream fails and does not disturb the first', async () => {
    const published = nextEvent(media, 'publish');
    await using first = pushClip(pushUrl(media, 'twice'), { seconds: 5, gopSeconds: 20 });
    await published;
    const file = join(directory, 'twice.mkv');
    const reading = runTool('ffmpeg', ['-v', 'error', '-i', playUrl(media, 'twice'), '-c', 'copy', file]);
    const second = await pushClip(pushUrl(media, 'twice'), { seconds: 3 }).done;
    expect(second.code).not.toBe(0);
    expect((await first.done).code).toBe(0);
    expect(await reading).toMatchObject({ code: 0 });
    const { packets } = await probe(file);
    expect(packets.filter((packet) => packet.codec_type === 'video').length).toBe(150);
  });
});
