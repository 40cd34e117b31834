import { describe, expect, it } from 'vitest';
import type { EngineChoice } from '#lib/live/engine';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { TXLivePusher } from '#lib/live/TXLivePusher';
import { codeOf, rejection } from '../client/expectCode.js';
import { deadlineMs } from './child.js';
import { startSilentServer } from './silentServer.js';

/** What waited for the server would take 5 s; a machine that is shared may not run for one of them. */
const stopLimitMs = process.env.RTCROOM_SANITIZE ? deadlineMs : 3000;

async function took(work: Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work;
  return performance.now() - start;
}

/** Stops, closes and signals while something starts. */
export function abortSuite(engine: EngineChoice): void {
  const kinds = [
    {
      name: 'push',
      make: () => new TXLivePusher({ engine }),
      start: (object: TXLivePusher | TXLivePlayer, url: string, signal?: AbortSignal) =>
        (object as TXLivePusher).startPush(url, { signal }),
      stop: (object: TXLivePusher | TXLivePlayer) => (object as TXLivePusher).stopPush(),
      active: (object: TXLivePusher | TXLivePlayer) => (object as TXLivePusher).pushing,
    },
    {
      name: 'playback',
      make: () => new TXLivePlayer({ engine }),
      start: (object: TXLivePusher | TXLivePlayer, url: string, signal?: AbortSignal) =>
        (object as TXLivePlayer).startPlay(url, { signal }),
      stop: (object: TXLivePusher | TXLivePlayer) => (object as TXLivePlayer).stopPlay(),
      active: (object: TXLivePusher | TXLivePlayer) => (object as TXLivePlayer).playing,
    },
  ];

  describe.each(kinds)('a $name that is connecting', ({ make, start, stop, active }) => {
    it('is ended by a stop at once', async () => {
      await using server = await startSilentServer();
      await using object = make();
      const started = codeOf(start(object, server.url));
      await server.connected();
      expect(active(object)).toBe(true);
      expect(await took(stop(object))).toBeLessThan(stopLimitMs);
      expect(await started).toBe('ERR_RTC_ABORTED');
      expect(active(object)).toBe(false);
    });

    it('is ended by its signal, with the reason as the cause', async () => {
      await using server = await startSilentServer();
      await using object = make();
      const controller = new AbortController();
      const started = rejection(start(object, server.url, controller.signal));
      await server.connected();
      const reason = new Error('changed my mind');
      controller.abort(reason);
      const error = await started;
      expect(error.code).toBe('ERR_RTC_ABORTED');
      expect(error.cause).toBe(reason);
      expect(active(object)).toBe(false);
    });

    it('is not begun when its signal is aborted already', async () => {
      await using object = make();
      const error = await rejection(start(object, 'rtmp://127.0.0.1:1/live/x', AbortSignal.abort('early')));
      expect(error.code).toBe('ERR_RTC_ABORTED');
      expect(error.cause).toBe('early');
      expect(active(object)).toBe(false);
    });

    it('is ended by a close at once', async () => {
      await using server = await startSilentServer();
      const object = make();
      const started = codeOf(start(object, server.url));
      await server.connected();
      expect(await took(object.close())).toBeLessThan(stopLimitMs);
      expect(await started).toBe('ERR_RTC_ABORTED');
    });

    it('refuses a second start and goes on', async () => {
      await using server = await startSilentServer();
      await using object = make();
      const first = codeOf(start(object, server.url));
      expect(await codeOf(start(object, server.url))).toBe('ERR_RTC_INVALID_STATE');
      expect(active(object)).toBe(true);
      await stop(object);
      expect(await first).toBe('ERR_RTC_ABORTED');
    });

    it('survives a hundred hasty starts and stops', async () => {
      await using server = await startSilentServer();
      await using object = make();
      const codes = new Set<string>();
      for (let i = 0; i < 100; i++) {
        const started = codeOf(start(object, server.url));
        const stopped = stop(object);
        codes.add(await started);
        if (i % 3 === 0) await stopped;
      }
      expect([...codes]).toEqual(['ERR_RTC_ABORTED']);
    });
  });

  describe('a source', () => {
    it('whose opening is aborted is not open', async () => {
      await using pusher = new TXLivePusher({ engine });
      const controller = new AbortController();
      const started = codeOf(pusher.startPreview({ source: 'user', signal: controller.signal }));
      controller.abort();
      expect(await started).toBe('ERR_RTC_ABORTED');
      const picture = { data: new Uint8Array(6), width: 2, height: 2 };
      expect(() => pusher.sendCustomVideoData(picture)).toThrow(
        expect.objectContaining({ code: 'ERR_RTC_INVALID_STATE' }),
      );
    });

    it('ignores an abort after it is open', async () => {
      await using pusher = new TXLivePusher({ engine });
      const controller = new AbortController();
      await pusher.startPreview({ source: 'user', signal: controller.signal });
      controller.abort();
      pusher.sendCustomVideoData({ data: new Uint8Array(6), width: 2, height: 2 });
    });
  });
}
