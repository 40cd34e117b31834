import { statSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { capabilities } from '#lib/live/engine';
import { AudioPreprocessType } from '#lib/live/enums';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { TXLivePusher } from '#lib/live/TXLivePusher';
import { EmbeddedMediaServer } from '#lib/server/media/EmbeddedMediaServer';
import { playUrl, pushUrl, until } from '../support/mediaServer.js';

/** How much of 700 Hz is in a piece of sound, as its amplitude. */
function amplitude(samples: ArrayLike<number>, sampleRate: number): number {
  let re = 0;
  let im = 0;
  for (let i = 0; i < samples.length; i++) {
    const angle = (2 * Math.PI * 700 * i) / sampleRate;
    re += (samples[i] as number) * Math.cos(angle);
    im += (samples[i] as number) * Math.sin(angle);
  }
  return (2 * Math.hypot(re, im)) / Math.max(1, samples.length);
}

/** On Windows the system's sound is not heard, and the microphone goes as it is. */
const hasMethod = (name: string) => capabilities('embedded').pusherMethods.includes(name);

// SDL's own driver of files stands in for the devices: a microphone that hears one, a loudspeaker that writes one.
describe('loudspeaker and microphone', () => {
  let media: EmbeddedMediaServer;
  let folder: string;
  let played: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rtcroom-sound-'));
    played = join(folder, 'played.f32');
    const tone = Float32Array.from({ length: 48_000 * 60 }, (_, i) => 0.4 * Math.sin((2 * Math.PI * 700 * i) / 48_000));
    await writeFile(join(folder, 'spoken.f32'), tone);
    process.env.SDL_AUDIODRIVER = 'disk';
    process.env.SDL_DISKAUDIOFILE = played;
    process.env.SDL_DISKAUDIOFILEIN = join(folder, 'spoken.f32');
    media = new EmbeddedMediaServer();
    await media.start();
  });
  afterAll(async () => {
    for (const name of ['SDL_AUDIODRIVER', 'SDL_DISKAUDIOFILE', 'SDL_DISKAUDIOFILEIN']) delete process.env[name];
    await media.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('carry sound from one to the other', async () => {
    await using pusher = new TXLivePusher({ engine: 'embedded' });
    if (hasMethod('enableAudioPreprocess'))
      for (const type of Object.values(AudioPreprocessType)) pusher.enableAudioPreprocess(type, false);
    expect(pusher.enumMics()).toHaveLength(1);
    await pusher.startAudioCapture({ source: 'microphone' });
    await pusher.startPush(pushUrl(media, 'sound'));
    await using player = new TXLivePlayer({ engine: 'embedded', audioOutput: true, speaker: true });
    let available = 0;
    player.on('PLAY_EVT_SPEAKER_AVAILABLE', () => available++);
    let heard = 0;
    player.on('audioFrame', (frame) => {
      heard = amplitude(frame.data, frame.sampleRate) / 32_768;
      frame.close();
    });
    await player.startPlay(playUrl(media, 'sound'));
    await until('the loudspeaker', () => available === 1);
    await until('the tone', () => heard > 0.3);
    expect(pusher.micVolumeIndication()).toBeGreaterThan(50);
    const second = 48_000 * 2 * Float32Array.BYTES_PER_ELEMENT;
    const before = statSync(played).size;
    await until('a second of it', () => statSync(played).size > before + second);
    await player.stopPlay();
    // The device closes a little later, and Windows lets nobody read what it writes until then.
    const bytes = await vi.waitFor(() => readFile(played), { timeout: 5000 });
    const stereo = new Float32Array(
      bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength - (bytes.byteLength % 8)),
    );
    const left = stereo.filter((_, i) => i % 2 === 0).slice(-48_000);
    // SDL's driver keeps the time by sleeping, so that on a busy machine it has gaps, and the tone is a little lower.
    const pieces = Array.from({ length: 20 }, (_, i) => amplitude(left.slice(i * 2400, (i + 1) * 2400), 48_000));
    expect(Math.max(...pieces)).toBeGreaterThan(0.3);
  });

  it('are refused where they are not there, with nothing changed', async () => {
    await using player = new TXLivePlayer({ engine: 'embedded' });
    expect(player.enumSpeakers()).toHaveLength(1);
    const absent = expect.objectContaining({ code: 'ERR_RTC_DEVICE_NOT_FOUND' });
    expect(() => player.selectSpeakerDevice(5)).toThrow(absent);
    player.selectSpeakerDevice(0);
    player.selectSpeakerDevice(-1);
    await using pusher = new TXLivePusher({ engine: 'embedded' });
    expect(() => pusher.selectMicDevice(5)).toThrow(absent);
    const oneProgram = hasMethod('openSystemVoiceInput') ? 'ERR_RTC_INVALID_ARGUMENT' : 'ERR_RTC_UNSUPPORTED';
    expect(() => pusher.openSystemVoiceInput('C:\\game.exe')).toThrow(expect.objectContaining({ code: oneProgram }));
    expect(() => pusher.enableAudioPreprocess(3 as AudioPreprocessType, true)).toThrow(
      expect.objectContaining({ code: 'ERR_RTC_INVALID_ARGUMENT' }),
    );
    if (!hasMethod('enableAudioPreprocess'))
      expect(() => pusher.enableAudioPreprocess(AudioPreprocessType.NS, true)).toThrow(
        expect.objectContaining({ code: 'ERR_RTC_UNSUPPORTED' }),
      );
    for (const wrong of [-1, 65_536]) {
      expect(() => pusher.setMicVolume(wrong)).toThrow(expect.objectContaining({ code: 'ERR_RTC_INVALID_ARGUMENT' }));
    }
    expect(pusher.micVolume()).toBe(65_535);
    pusher.setAudioChannels(2);
    await pusher.startAudioCapture({ source: 'synthetic' });
    expect(() => pusher.setAudioChannels(1)).toThrow(expect.objectContaining({ code: 'ERR_RTC_INVALID_STATE' }));
  });
});
