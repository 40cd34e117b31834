import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { capabilities, clockMicros, engineInfo } from '#lib/live/engine';
import { clockOffsetMicros } from '#lib/live/process/clockOffset';
import { Lane } from '#lib/live/process/Lane';
import { pusherMethods } from '#lib/live/process/methods';
import { PacketReader, PacketType, packetHead, packetPrefix, readHeader } from '#lib/live/process/protocol';
import { Settings } from '#lib/live/process/Settings';
import { sendable } from '#lib/live/process/sendable';
import { TXLivePusher } from '#lib/live/TXLivePusher';
import { runChild } from '../support/live/child.js';

const badAddon = fileURLToPath(new URL('../support/live/badAddon.cjs', import.meta.url));

describe('packets', () => {
  it('come out as they went in, however the stream is cut', () => {
    const packet = fc.record({ header: fc.jsonValue(), payload: fc.uint8Array({ maxLength: 300 }) });
    fc.assert(
      fc.property(fc.array(packet, { maxLength: 8 }), fc.integer({ min: 1, max: 97 }), (packets, step) => {
        const bytes = Buffer.concat(
          packets.flatMap(({ header, payload }) => [
            packetHead(PacketType.message, { header }, payload.length),
            payload,
          ]),
        );
        const read: unknown[] = [];
        const reader = new PacketReader(({ type, header, payload }) => {
          expect(type).toBe(PacketType.message);
          read.push({ ...readHeader<object>(header), payload: payload ?? new Uint8Array() });
        });
        for (let at = 0; at < bytes.length; at += step) reader.push(bytes.subarray(at, at + step));
        expect(read).toEqual(packets);
      }),
    );
  });

  it('without header and payload come at once', () => {
    const types: number[] = [];
    new PacketReader(({ type }) => types.push(type)).push(packetHead(PacketType.ping, undefined));
    expect(types).toEqual([PacketType.ping]);
  });

  it('of an impossible length are refused', () => {
    const reader = new PacketReader(() => expect.unreachable());
    expect(() => reader.push(packetPrefix(PacketType.message, 0xffffffff, 0))).toThrow(RangeError);
  });
});

describe('a lane', () => {
  it('keeps to its limits, drops the oldest that wait, and counts them', () => {
    const sent: number[] = [];
    const dropped: number[] = [];
    const lane = new Lane<number>(
      { inFlight: 2, waiting: 3 },
      (item) => sent.push(item),
      (item) => dropped.push(item),
    );
    for (let i = 1; i <= 8; i++) lane.offer(i);
    expect(sent).toEqual([1, 2]);
    expect(dropped).toEqual([3, 4, 5]);
    expect(lane.dropped).toBe(3);
    for (let i = 0; i < 5; i++) lane.taken();
    expect(sent).toEqual([1, 2, 6, 7, 8]);
    lane.offer(9);
    expect(sent.at(-1)).toBe(9);
    expect(lane.dropped).toBe(3);
  });

  it('gives back what waits when it is cleared', () => {
    const dropped: number[] = [];
    const lane = new Lane<number>(
      { inFlight: 1, waiting: 2 },
      () => {},
      (item) => dropped.push(item),
    );
    for (const item of [1, 2, 3]) lane.offer(item);
    lane.clear();
    expect(dropped).toEqual([2, 3]);
    expect(lane.dropped).toBe(0);
  });
});

describe('settings', () => {
  it('are replayed in the order of their latest call', () => {
    const settings = new Settings();
    settings.note({ is: 'setting' }, 'setVideoFPS', [15]);
    settings.note({ is: 'setting' }, 'setMute', [true]);
    settings.note({ is: 'setting' }, 'setVideoFPS', [20]);
    settings.note({ is: 'keyedSetting' }, 'enableAudioPreprocess', [1, true]);
    settings.note({ is: 'keyedSetting' }, 'enableAudioPreprocess', [2, true]);
    settings.note({ is: 'settingOf', of: 'setRenderFrame' }, 'updateRenderFrame', [5n]);
    expect(settings.list).toEqual([
      { method: 'setMute', args: [true] },
      { method: 'setVideoFPS', args: [20] },
      { method: 'enableAudioPreprocess', args: [1, true] },
      { method: 'enableAudioPreprocess', args: [2, true] },
      { method: 'setRenderFrame', args: [5n] },
    ]);
    settings.note({ is: 'unsetting', of: 'setRenderFrame' }, 'closeRenderFrame', []);
    settings.drop('enableAudioPreprocess');
    expect(settings.list.map(({ method }) => method)).toEqual(['setMute', 'setVideoFPS']);
  });
});

describe('an open source', () => {
  it('is opened again with the window and the camera that it was given last', () => {
    const settings = new Settings();
    settings.note(pusherMethods.switchCamera, 'switchCamera', [2]);
    const source = { method: 'startPreview', args: [{ source: 'camera', camera: 0 }], generation: 0 };
    settings.sources.set('preview', source);
    settings.note(pusherMethods.switchCamera, 'switchCamera', [1]);
    settings.note(pusherMethods.updatePreview, 'updatePreview', [5n]);
    expect(settings.list).toEqual([]);
    expect(source.args).toEqual([{ source: 'camera', camera: 1, windowHandle: 5n }]);
  });
});

describe('arguments', () => {
  it('go without their signal, and data apart as a copy', () => {
    const data = Int16Array.of(1, 2, 3);
    const { args, payload } = sendable('sendCustomAudioData', [{ data, channels: 1, signal: AbortSignal.abort() }]);
    expect(args).toEqual([{ channels: 1 }]);
    data[0] = 9;
    expect(new Int16Array(payload?.buffer as ArrayBuffer)).toEqual(Int16Array.of(1, 2, 3));
  });

  it.each([[() => {}], [Symbol('s')], [{ source: () => {} }]])('that cannot be sent are refused: %s', (value) => {
    expect(() => sendable('setMute', [value])).toThrow(expect.objectContaining({ code: 'ERR_RTC_INVALID_ARGUMENT' }));
  });
});

describe('a crash', () => {
  it('is an error without what the engine wrote, which goes to stderr, and the application goes on', async () => {
    const result = await runChild('crashScenario.mjs', { env: { LITEAV_RTCROOM_ADDON: badAddon } });
    expect(result.code).toBe(0);
    expect(result.stderr).toContain('bad pointer');
    const error = JSON.parse(result.stdout.split('ready\n')[1] ?? '') as { code: string; message: string };
    expect(error.code).toBe('ERR_RTC_ENGINE_DIED');
    expect(JSON.stringify(error)).not.toMatch(/hush|bad pointer/);
  });
});

describe('the clock', () => {
  it('of a child is that of its parent', async () => {
    const offset = clockOffsetMicros();
    const result = await runChild('clockScenario.mjs', {
      env: { LITEAV_RTCROOM_CLOCK_OFFSET_US: String(offset - 5e9) },
    });
    // Set back by 5000 s, so that a clock of its own cannot be taken for it.
    expect(Math.abs(Number(result.stdout.split('ready\n')[1]) - (offset - 5e9))).toBeLessThan(1000);
    expect(Math.abs(clockOffsetMicros() - offset)).toBeLessThan(1000);
    expect(clockMicros()).toBeGreaterThan(1e15);
  });
});

describe("the choice 'process'", () => {
  it('has the name and the capabilities of the engine that it runs', () => {
    const inProcess = { name: 'process', engine: 'embedded' } as const;
    expect(engineInfo(inProcess)).toEqual(engineInfo('embedded'));
    expect(capabilities(inProcess)).toEqual(capabilities('embedded'));
  });

  it.each([
    [{ name: 'process', engine: 'process' }],
    [{ name: 'process', engine: { name: 'process' } }],
    [{ name: 'process', engine: 5 }],
    [{ name: 'process', engine: 'dream' }],
    [{ name: 'process', isolated: 'yes' }],
    [{ name: 'process', execPath: '' }],
  ])('refuses %j', (engine) => {
    expect(() => new TXLivePusher({ engine } as never)).toThrow(
      expect.objectContaining({ code: 'ERR_RTC_INVALID_ARGUMENT' }),
    );
  });
});
