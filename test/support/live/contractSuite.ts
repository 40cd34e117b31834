import { afterEach, describe, expect, it } from 'vitest';
import { RtcError, UnsupportedError } from '#lib/errors';
import { loadAddon } from '#lib/live/addon';
import { capabilities, clockMicros, type EngineChoice, engineInfo } from '#lib/live/engine';
import { PlayEventCode, PushEventCode } from '#lib/live/events';
import { statusUnits } from '#lib/live/status';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { TXLivePusher } from '#lib/live/TXLivePusher';
import { codeOf, outcomeOf } from '../client/expectCode.js';
import { withEngine } from './withEngine.js';

/** What pusher and player promise, whatever engine is behind them. */
export function contractSuite(engine: EngineChoice): void {
  const open: (TXLivePusher | TXLivePlayer)[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map((object) => object.close()));
  });

  function newPusher(...args: ConstructorParameters<typeof TXLivePusher>): TXLivePusher {
    const pusher = new TXLivePusher(withEngine(engine, args[0]));
    open.push(pusher);
    return pusher;
  }

  function newPlayer(...args: ConstructorParameters<typeof TXLivePlayer>): TXLivePlayer {
    const player = new TXLivePlayer(withEngine(engine, args[0]));
    open.push(player);
    return player;
  }

  /** Every method of the native contract, with arguments of the right types. */
  const pusherCalls: Record<string, (pusher: TXLivePusher) => unknown> = {
    startPreview: (p) => p.startPreview({ source: 'user' }),
    stopPreview: (p) => p.stopPreview(),
    updatePreview: (p) => p.updatePreview(1n),
    startAudioCapture: (p) => p.startAudioCapture({ source: 'user' }),
    stopAudioCapture: (p) => p.stopAudioCapture(),
    startPush: (p) => p.startPush('rtmp://127.0.0.1:1/live/x'),
    stopPush: (p) => p.stopPush(),
    isPushing: (p) => p.pushing,
    setVideoQualityParamPreset: (p) => p.setVideoQualityParamPreset(6, 1),
    setVideoResolution: (p) => p.setVideoResolution(103),
    setVideoFPS: (p) => p.setVideoFPS(20),
    setVideoBitRate: (p) => p.setVideoBitRate(500),
    enableHWAcceleration: (p) => p.enableHWAcceleration(true),
    setVideoBitRateMin: (p) => p.setVideoBitRateMin(100),
    setVideoBitRateMax: (p) => p.setVideoBitRateMax(1000),
    setAutoAdjustStrategy: (p) => p.setAutoAdjustStrategy(0),
    setMute: (p) => p.setMute(true),
    setPauseVideo: (p) => p.setPauseVideo(true),
    sendCustomVideoData: (p) => p.sendCustomVideoData({ data: new Uint8Array(6), width: 2, height: 2 }),
    sendCustomAudioData: (p) => p.sendCustomAudioData({ data: new Int16Array(480), sampleRate: 48000, channels: 1 }),
    captureVideoSnapShot: (p) => p.captureVideoSnapShot('/nonexistent/a.png'),
    sendMessage: (p) => p.sendMessage('hello'),
    setOutputVideoFormat: (p) => p.setOutputVideoFormat('rgba'),
    setOutputAudio: (p) => p.setOutputAudio(true),
    startLocalRecord: (p) => p.startLocalRecord('/nonexistent/a.mp4'),
    stopLocalRecord: (p) => p.stopLocalRecord(),
    setRenderMode: (p) => p.setRenderMode(1),
    setRotation: (p) => p.setRotation(1),
    setRenderYMirror: (p) => p.setRenderYMirror(true),
    setOutputYMirror: (p) => p.setOutputYMirror(true),
    setBeautyStyle: (p) => p.setBeautyStyle(0, 5, 5),
    setWatermark: (p) => p.setWatermark('/nonexistent/a.png'),
    setNearestIP: (p) => p.setNearestIP(true),
    showDebugView: (p) => p.showDebugView(1),
    enumCameras: (p) => p.enumCameras(),
    switchCamera: (p) => p.switchCamera(0),
    enumMics: (p) => p.enumMics(),
    selectMicDevice: (p) => p.selectMicDevice(0),
    micVolume: (p) => p.micVolume(),
    setMicVolume: (p) => p.setMicVolume(50),
    micVolumeIndication: (p) => p.micVolumeIndication(),
    enableMic: (p) => p.enableMic(true),
    openMicTest: (p) => p.openMicTest(),
    closeMicTest: (p) => p.closeMicTest(),
    setAudioCaptureVolume: (p) => p.setAudioCaptureVolume(50),
    getAudioCaptureVolume: (p) => p.getAudioCaptureVolume(),
    openSystemVoiceInput: (p) => p.openSystemVoiceInput('program'),
    closeSystemVoiceInput: (p) => p.closeSystemVoiceInput(),
    setSystemVoiceInputVolume: (p) => p.setSystemVoiceInputVolume(50),
    enableAudioPreprocess: (p) => p.enableAudioPreprocess(1, true),
    setAudioChannels: (p) => p.setAudioChannels(1),
    getScreenCaptureSources: (p) => p.getScreenCaptureSources(),
    selectScreenCaptureTarget: (p) => p.selectScreenCaptureTarget('one'),
    setScreenCaptureParam: (p) => p.setScreenCaptureParam(1, undefined, true),
    close: (p) => p.close(),
  };

  const playerCalls: Record<string, (player: TXLivePlayer) => unknown> = {
    startPlay: (p) => p.startPlay('rtmp://127.0.0.1:1/live/x'),
    stopPlay: (p) => p.stopPlay(),
    isPlaying: (p) => p.playing,
    pause: (p) => p.pause(),
    resume: (p) => p.resume(),
    setMute: (p) => p.setMute(true),
    setOutputVideoFormat: (p) => p.setOutputVideoFormat('rgba'),
    setOutputAudio: (p) => p.setOutputAudio(true),
    captureVideoSnapShot: (p) => p.captureVideoSnapShot('/nonexistent/a.png'),
    startLocalRecord: (p) => p.startLocalRecord('/nonexistent/a.mp4'),
    stopLocalRecord: (p) => p.stopLocalRecord(),
    setRenderFrame: (p) => p.setRenderFrame(1n),
    updateRenderFrame: (p) => p.updateRenderFrame(1),
    closeRenderFrame: (p) => p.closeRenderFrame(),
    setRenderMode: (p) => p.setRenderMode(1),
    setRotation: (p) => p.setRotation(1),
    setRenderYMirror: (p) => p.setRenderYMirror(true),
    showDebugView: (p) => p.showDebugView(1),
    setEnableMessage: (p) => p.setEnableMessage(true),
    setLivePlayAttribute: (p) => p.setLivePlayAttribute('{}'),
    enumSpeakers: (p) => p.enumSpeakers(),
    selectSpeakerDevice: (p) => p.selectSpeakerDevice(0),
    speakerVolume: (p) => p.speakerVolume(),
    setSpeakerVolume: (p) => p.setSpeakerVolume(50),
    speakerVolumeIndication: (p) => p.speakerVolumeIndication(),
    setAudioPlayoutVolume: (p) => p.setAudioPlayoutVolume(50),
    getAudioPlayoutVolume: (p) => p.getAudioPlayoutVolume(),
    close: (p) => p.close(),
  };

  describe('the engine', () => {
    it('has a name and a version', () => {
      expect(engineInfo(engine)).toEqual({ name: 'embedded', version: expect.stringContaining('FFmpeg') });
    });

    it('has a clock that runs with the wall clock and never goes back', () => {
      const before = clockMicros();
      expect(Math.abs(before / 1000 - Date.now())).toBeLessThan(60_000);
      expect(clockMicros()).toBeGreaterThanOrEqual(before);
    });

    it('has codecs to push and play with', () => {
      const { videoEncoders, audioEncoders, videoDecoders, audioDecoders, protocols } = capabilities(engine);
      for (const list of [videoEncoders, audioEncoders, videoDecoders, audioDecoders, protocols]) {
        expect(list.length).toBeGreaterThan(0);
      }
    });
  });

  describe('the tables', () => {
    it('hold the same events in TypeScript as in the engine', () => {
      const rows = loadAddon().eventTable();
      const side = (name: string) =>
        Object.fromEntries(rows.filter((row) => row.side === name).map((row) => [row.name, row.code]));
      expect(PushEventCode).toEqual(side('push'));
      expect(PlayEventCode).toEqual(side('play'));
      expect(new Set(rows.map((row) => row.name)).size).toBe(rows.length);
    });

    it('hold the same status keys in TypeScript as in the engine', () => {
      expect(statusUnits).toEqual(
        Object.fromEntries(
          loadAddon()
            .statusTable()
            .map((row) => [row.key, row.unit]),
        ),
      );
    });
  });

  describe('capabilities', () => {
    it('name only methods of the contract', () => {
      expect(Object.keys(pusherCalls)).toEqual(expect.arrayContaining(capabilities(engine).pusherMethods));
      expect(Object.keys(playerCalls)).toEqual(expect.arrayContaining(capabilities(engine).playerMethods));
    });

    it('cover every native method by this test', () => {
      const methods = (type: { prototype: object }) =>
        Object.getOwnPropertyNames(type.prototype).filter((name) => name !== 'constructor' && name !== 'dropped');
      expect(methods(loadAddon().Pusher).sort()).toEqual(Object.keys(pusherCalls).sort());
      expect(methods(loadAddon().Player).sort()).toEqual(Object.keys(playerCalls).sort());
    });

    it('and the table of the document have a row for every method', () => {
      const rows = loadAddon().embeddedMatrix();
      const named = (part: string) => rows.filter((row) => row.part === part).map(({ name }) => name);
      expect(named('pusher').sort()).toEqual(Object.keys(pusherCalls).sort());
      expect(named('player').sort()).toEqual(Object.keys(playerCalls).sort());
    });

    it.each(Object.keys(pusherCalls))('tell whether the pusher has %s', async (name) => {
      const code = await outcomeOf(() => pusherCalls[name]?.(newPusher({ connectRetryCount: 0 })));
      expect(code !== 'ERR_RTC_UNSUPPORTED').toBe(capabilities(engine).pusherMethods.includes(name));
    });

    it.each(['i420', 'h264'] as const)('tell whether the source user takes %s', async (format) => {
      const code = await outcomeOf(() => newPusher().startPreview({ source: 'user', format }));
      expect(code !== 'ERR_RTC_UNSUPPORTED').toBe(capabilities(engine).userVideoFormats.includes(format));
    });

    it.each(['pcm', 'aac'] as const)('tell whether the source user takes %s', async (format) => {
      const code = await outcomeOf(() => newPusher().startAudioCapture({ source: 'user', format }));
      expect(code !== 'ERR_RTC_UNSUPPORTED').toBe(capabilities(engine).userAudioFormats.includes(format));
    });

    it.each(Object.keys(playerCalls))('tell whether the player has %s', async (name) => {
      const code = await outcomeOf(() => playerCalls[name]?.(newPlayer({ connectRetryCount: 0 })));
      expect(code !== 'ERR_RTC_UNSUPPORTED').toBe(capabilities(engine).playerMethods.includes(name));
    });

    it('go with an error of its own class', () => {
      // By software alone, wherever it is encoded at all.
      expect(() => newPusher({ videoCodec: 'av1' }).enableHWAcceleration(true)).toThrow(UnsupportedError);
    });
  });

  describe('a closed object', () => {
    it.each(Object.keys(pusherCalls).filter((name) => !['isPushing', 'close'].includes(name)))(
      'refuses %s of the pusher',
      async (name) => {
        const pusher = newPusher();
        await pusher.close();
        expect(await outcomeOf(() => pusherCalls[name]?.(pusher))).toBe('ERR_RTC_CLOSED');
      },
    );

    it.each(Object.keys(playerCalls).filter((name) => !['isPlaying', 'close'].includes(name)))(
      'refuses %s of the player',
      async (name) => {
        const player = newPlayer();
        await player.close();
        expect(await outcomeOf(() => playerCalls[name]?.(player))).toBe('ERR_RTC_CLOSED');
      },
    );

    it('closes again without a word and does nothing', async () => {
      const player = newPlayer();
      await Promise.all([player.close(), player.close()]);
      await player.close();
      expect(player.closed).toBe(true);
      expect(player.playing).toBe(false);
      const pusher = newPusher();
      await pusher.close();
      await pusher[Symbol.asyncDispose]();
      expect(pusher.closed).toBe(true);
      expect(pusher.pushing).toBe(false);
    });

    it('refuses as soon as close has been called', async () => {
      const pusher = newPusher();
      const closing = pusher.close();
      expect(await outcomeOf(() => pusher.setMute(true))).toBe('ERR_RTC_CLOSED');
      await closing;
    });
  });

  describe('wrong arguments', () => {
    const wrong: [string, (pusher: never) => unknown][] = [
      ['a string for a boolean', (p: TXLivePusher) => p.setMute('yes' as never)],
      ['a string for a number', (p: TXLivePusher) => p.setVideoFPS('30' as never)],
      ['a fraction for an integer', (p: TXLivePusher) => p.setVideoFPS(29.97)],
      ['NaN', (p: TXLivePusher) => p.setVideoFPS(Number.NaN)],
      ['a number beyond 32 bits', (p: TXLivePusher) => p.setVideoFPS(2 ** 40)],
      ['a frame rate out of range', (p: TXLivePusher) => p.setVideoFPS(0)],
      ['a lowest bitrate out of range', (p: TXLivePusher) => p.setVideoBitRateMin(19)],
      ['a highest bitrate out of range', (p: TXLivePusher) => p.setVideoBitRateMax(50_001)],
      ['a strategy that is none', (p: TXLivePusher) => p.setAutoAdjustStrategy(2 as never)],
      ['an empty message', (p: TXLivePusher) => p.sendMessage('')],
      ['a message of more than 4096 bytes', (p: TXLivePusher) => p.sendMessage('é'.repeat(2049))],
      ['a volume beyond the highest', (p: TXLivePusher) => p.setAudioCaptureVolume(65_536)],
      ['a volume below none', (p: TXLivePusher) => p.setAudioCaptureVolume(-1)],
      ['a volume that is no whole number', (p: TXLivePusher) => p.setAudioCaptureVolume(0.5)],
      ['a snapshot without a path', (p: TXLivePusher) => p.captureVideoSnapShot(undefined as never)],
      ['an unknown preset', (p: TXLivePusher) => p.setVideoQualityParamPreset(99 as never)],
      ['an unknown ratio', (p: TXLivePusher) => p.setVideoQualityParamPreset(1, 9 as never)],
      ['an unknown resolution', (p: TXLivePusher) => p.setVideoResolution(999 as never)],
      ['no source', (p: TXLivePusher) => p.startPreview(undefined as never)],
      ['an unknown source', (p: TXLivePusher) => p.startPreview({ source: 'dream' } as never)],
      ['a file without a path', (p: TXLivePusher) => p.startPreview({ source: 'file' } as never)],
      ['a picture without a path', (p: TXLivePusher) => p.startPreview({ source: 'image' } as never)],
      ['a path with a NUL', (p: TXLivePusher) => p.startPreview({ source: 'file', path: 'a\0b' })],
      ['no address', (p: TXLivePusher) => p.startPush(undefined as never)],
      ['a picture without data', (p: TXLivePusher) => p.sendCustomVideoData({ width: 2, height: 2 } as never)],
      [
        'a picture whose data is a string',
        (p: TXLivePusher) => p.sendCustomVideoData({ data: 'abc', width: 2, height: 2 } as never),
      ],
      [
        'a negative time',
        (p: TXLivePusher) => p.sendCustomVideoData({ data: new Uint8Array(6), width: 2, height: 2, timestampMs: -5 }),
      ],
    ] as [string, (pusher: never) => unknown][];

    it.each(wrong)('%s is refused', async (_, call) => {
      expect(await outcomeOf(() => call(newPusher() as never))).toBe('ERR_RTC_INVALID_ARGUMENT');
    });

    it.each([
      ['a format that is none', (p: TXLivePlayer) => p.setOutputVideoFormat('jpeg' as never)],
      ['an address that is no text', (p: TXLivePlayer) => p.startPlay(5 as never)],
      ['an unknown type of address', (p: TXLivePlayer) => p.startPlay('rtmp://127.0.0.1:1/a/b', { type: 9 as never })],
      ['an unknown render mode', (p: TXLivePlayer) => p.setRenderMode(7 as never)],
      ['an unknown rotation', (p: TXLivePlayer) => p.setRotation(45 as never)],
      ['a file of less than no length', (p: TXLivePlayer) => p.startLocalRecord('/tmp/x.mp4', { sliceSeconds: -1 })],
      ['a path of a file with a NUL', (p: TXLivePlayer) => p.startLocalRecord('/tmp/a\0b.mp4')],
      ['a path of a picture that is no text', (p: TXLivePlayer) => p.captureVideoSnapShot(1 as never)],
      ['a volume beyond the highest', (p: TXLivePlayer) => p.setAudioPlayoutVolume(65_536)],
      ['an attribute that is none', (p: TXLivePlayer) => p.setLivePlayAttribute({ CacheTyme: 1 } as never)],
    ])('of the player, %s, are refused', async (_, call) => {
      expect(await outcomeOf(() => call(newPlayer()))).toBe('ERR_RTC_INVALID_ARGUMENT');
    });

    it('of windows are refused', async () => {
      const player = newPlayer();
      for (const handle of [-1, 1.5, -1n, 2n ** 64n, '1', null, Buffer.alloc(3), Buffer.alloc(16)]) {
        expect(await outcomeOf(() => player.setRenderFrame(handle as never))).toBe('ERR_RTC_INVALID_ARGUMENT');
      }
    });

    it.each([
      [{ connectRetryCount: -1 }],
      [{ connectTimeoutMs: '5000' }],
      [{ audioChannels: 3 }],
      [{ audioSampleRate: 12345 }],
      [{ statusIntervalMs: Number.POSITIVE_INFINITY }],
      [{ gopSeconds: 0 }],
      [{ videoCodec: 'vp9' }],
      [{ audioCodec: 1 }],
      [null],
      ['options'],
      [{ engine: 'sdk' }],
      [{ engine: null }],
      [{ engine: { name: 'liteav', sdkPath: 1 } }],
      [{ engine: {} }],
    ])('of the constructor are refused: %j', async (options) => {
      expect(await outcomeOf(() => newPusher(options as never))).toBe('ERR_RTC_INVALID_ARGUMENT');
    });

    it('whose getter throws give that error', () => {
      const fault = new Error('getter');
      const options = {
        get connectRetryCount(): number {
          throw fault;
        },
      };
      expect(() => newPusher(options)).toThrow(fault);
    });

    it('of an address are no leak: the query is in no error', async () => {
      const player = newPlayer({ connectRetryCount: 0 });
      for (const url of ['http//nonsense?txSecret=hush', 'rtmp://127.0.0.1:1/live/x?txSecret=hush']) {
        const error = await player.startPlay(url).then(
          () => expect.unreachable(),
          (reason: unknown) => reason,
        );
        expect(error).toBeInstanceOf(RtcError);
        for (let at: unknown = error; at instanceof Error; at = at.cause)
          expect(`${at.stack}${at.message}`).not.toMatch(/hush/);
      }
    });
  });

  describe('files', () => {
    it('that do not exist or are no media are told apart', async () => {
      const pusher = newPusher();
      expect(await codeOf(pusher.startPreview({ source: 'file', path: '/nonexistent.mp4' }))).toBe(
        'ERR_RTC_FILE_OPEN_FAILED',
      );
      expect(await codeOf(pusher.startPreview({ source: 'file', path: 'package.json' }))).toBe('ERR_RTC_NOT_MEDIA');
      const folder = await codeOf(pusher.startPreview({ source: 'file', path: '.' }));
      expect(['ERR_RTC_FILE_OPEN_FAILED', 'ERR_RTC_NOT_MEDIA']).toContain(folder);
    });
  });
}
