import { describe, expect, it } from 'vitest';
import type { EngineChoice } from '#lib/live/engine';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { TXLivePusher } from '#lib/live/TXLivePusher';
import type { VideoFrame } from '#lib/live/VideoFrame';
import { readClock } from '#lib/measure/index';
import { codeOf } from '../../support/client/expectCode.js';
import { nextEvent } from '../../support/mediaServer.js';
import { StandinLog, standin } from './standin.js';

const address = (words: string) => `rtmp://127.0.0.1:1935/live/${words}`;

async function pushing(engine: EngineChoice, words: string) {
  const pusher = new TXLivePusher({ engine });
  const heard: string[] = [];
  pusher.on('event', ({ name }) => heard.push(name));
  await pusher.startPreview({ source: 'camera' });
  await pusher.startAudioCapture({ source: 'microphone' });
  const connected = nextEvent(pusher, 'PUSH_EVT_PUSH_BEGIN', { deadlineMs: 30_000 });
  await pusher.startPush(address(words));
  await connected;
  return { pusher, heard };
}

function pushSuite(variant: string): void {
  const engine = standin(variant);

  it.each([
    ['proxy', { proxy: 'http://127.0.0.1:3128' }],
    ['tls', { tls: { verify: false } }],
  ])('refuses the option %s, which no SDK has', (_name, options) => {
    for (const Live of [TXLivePusher, TXLivePlayer]) {
      expect(() => new Live({ engine, ...options })).toThrow(expect.objectContaining({ code: 'ERR_RTC_UNSUPPORTED' }));
    }
  });

  it('tells the events and the status of the old numbering', async () => {
    const { pusher, heard } = await pushing(engine, 'events');
    await using _ = pusher;
    expect(heard).toContain('PUSH_EVT_CONNECT_SUCC');
    expect(heard.indexOf('PUSH_EVT_CONNECT_SUCC')).toBeLessThan(heard.indexOf('PUSH_EVT_PUSH_BEGIN'));
    expect(pusher.pushing).toBe(true);
    const status = await nextEvent<Record<string, unknown>>(pusher, 'status');
    expect(status.VIDEO_WIDTH).toBeGreaterThan(0);
    expect(status.VIDEO_FPS).toBeGreaterThan(0);
    await pusher.stopPush();
    expect(pusher.pushing).toBe(false);
  });

  it('that the network ends is an event', async () => {
    const { pusher } = await pushing(engine, 'drop');
    await using _ = pusher;
    expect(await nextEvent(pusher, 'PUSH_ERR_NET_DISCONNECT')).toMatchObject({ severity: 'error' });
    expect(pusher.pushing).toBe(false);
  });

  it('is begun again after an end, by the same object', async () => {
    const { pusher } = await pushing(engine, 'first');
    await using _ = pusher;
    await pusher.stopPush();
    await pusher.startPush(address('second'));
    expect(pusher.pushing).toBe(true);
  });

  it('is closed while it connects, and leaves no object behind', async () => {
    const log = new StandinLog();
    const pusher = new TXLivePusher({ engine });
    const code = codeOf(pusher.startPush(address('silent')));
    await log.call('startPush');
    await pusher.close();
    expect(await code).toBe('ERR_RTC_ABORTED');
    await log.call(variant === 'itx' ? 'destroyTXLivePusher' : 'releaseV2TXLivePusher');
    expect(log.faults()).toEqual([]);
  });
}

function playSuite(variant: string): void {
  const engine = standin(variant);

  it('hands out pictures whose clock goes on, and sound', async () => {
    await using player = new TXLivePlayer({ engine, videoFormat: 'i420', audioOutput: true });
    const clocks: number[] = [];
    const counters: number[] = [];
    const pictures = new Promise<void>((resolve) => {
      player.on('videoFrame', (frame: VideoFrame) => {
        const reading = readClock(frame);
        if (reading) clocks.push(reading.clockUs);
        if (reading) counters.push(reading.counter);
        frame.close();
        if (clocks.length >= 10) resolve();
      });
    });
    const sound = nextEvent(player, 'audioFrame', { deadlineMs: 30_000 });
    const began = nextEvent(player, 'PLAY_EVT_PLAY_BEGIN', { deadlineMs: 30_000 });
    await player.startPlay(address('frames'));
    await began;
    await pictures;
    await sound;
    expect(clocks).toEqual([...clocks].sort((a, b) => a - b));
    expect(new Set(counters).size).toBe(counters.length);
    await player.stopPlay();
  });

  it('that loads says so', async () => {
    await using player = new TXLivePlayer({ engine });
    const loading = nextEvent(player, 'PLAY_EVT_PLAY_LOADING', { deadlineMs: 30_000 });
    await player.startPlay(address('loading'));
    await loading;
  });

  it('that the network ends is an event', async () => {
    await using player = new TXLivePlayer({ engine });
    const ended = nextEvent(player, 'PLAY_ERR_NET_DISCONNECT', { deadlineMs: 30_000 });
    await player.startPlay(address('drop'));
    await ended;
    expect(player.playing).toBe(false);
  });
}

/** Whole pushes and playbacks with a stand-in: events, status, pictures, ends. */
export function callsSuite(variant: string): void {
  describe('a push', () => pushSuite(variant));
  describe('a playback', () => playSuite(variant));
}
