import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { loadAddon } from '#lib/live/addon';
import { TXLivePusher } from '#lib/live/TXLivePusher';
import { outgoingSuite } from '../support/live/outgoingSuite.js';

outgoingSuite('embedded');

it('frames are made for nobody once their iterators have ended, in a recording without a push as well', async () => {
  const video = vi.spyOn(loadAddon().Pusher.prototype, 'setOutputVideoFormat');
  const audio = vi.spyOn(loadAddon().Pusher.prototype, 'setOutputAudio');
  const folder = await mkdtemp(join(tmpdir(), 'rtcroom-outgoing-'));
  try {
    await using pusher = new TXLivePusher({ engine: 'embedded' });
    await pusher.startPreview({ source: 'synthetic' });
    await pusher.startAudioCapture({ source: 'synthetic' });
    await pusher.startLocalRecord(join(folder, 'a.mp4'));
    for await (const frame of pusher.frames()) {
      frame.close();
      break;
    }
    for await (const sound of pusher.pcm()) {
      sound.close();
      break;
    }
    expect(video.mock.calls.map(([format]) => [format])).toEqual([['i420'], ['none']]);
    expect(audio.mock.calls.map(([enable]) => [enable])).toEqual([[true], [false]]);
  } finally {
    vi.restoreAllMocks();
    await rm(folder, { recursive: true });
  }
});
