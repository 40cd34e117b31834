import { describe, expect, it } from 'vitest';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { TXLivePusher } from '#lib/live/TXLivePusher';
import { until } from '../support/mediaServer.js';
import { mediaServers } from '../support/mediaServers.js';

describe.each(mediaServers)('texts in a stream through $name', ({ start }) => {
  it('arrive once, in their order, and only where they are wanted', async () => {
    await using server = await start();
    await using pusher = new TXLivePusher();
    await using player = new TXLivePlayer({ videoFormat: 'i420' });
    await using deaf = new TXLivePlayer();
    const got: string[] = [];
    const lengths: number[] = [];
    let unwanted = 0;
    let begun = 0;
    player.on('EVT_PLAY_GET_MESSAGE', ({ params }) => {
      got.push(params.EVT_GET_MSG as string);
      lengths.push(Number(params.EVT_GET_MSG_LENGTH));
    });
    deaf.on('EVT_PLAY_GET_MESSAGE', () => unwanted++);
    deaf.on('PLAY_EVT_PLAY_BEGIN', () => begun++);
    player.on('videoFrame', (frame) => frame.close());

    expect(() => pusher.sendMessage('too early')).toThrow(expect.objectContaining({ code: 'ERR_RTC_INVALID_STATE' }));
    await pusher.startPreview({ source: 'synthetic' });
    await pusher.startPush(server.pushUrl('texts'));
    player.setEnableMessage(true);
    await Promise.all([player.startPlay(server.playUrl('texts')), deaf.startPlay(server.playUrl('texts'))]);
    const texts = ['hello', '你好 👋', '\u0001\u0003', 'x'.repeat(4096), 'ÿ'.repeat(255)];
    for (const text of texts) pusher.sendMessage(text);
    await until('all texts', () => got.length >= texts.length);
    pusher.sendMessage('the last');
    await until('the last text', () => got.includes('the last'));
    expect(got).toEqual([...texts, 'the last']);
    expect(lengths).toEqual([...texts, 'the last'].map((text) => Buffer.byteLength(text)));
    player.setEnableMessage(false);
    expect([begun, unwanted]).toEqual([1, 0]);

    expect(() => {
      for (let i = 0; i <= 1000; i++) pusher.sendMessage('a flood');
    }).toThrow(expect.objectContaining({ code: 'ERR_RTC_INVALID_STATE' }));
    await pusher.stopPush();
    expect(() => pusher.sendMessage('too late')).toThrow(expect.objectContaining({ code: 'ERR_RTC_INVALID_STATE' }));
  });
});
