import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AudioFrame } from '#lib/live/AudioFrame';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { TXLivePusher } from '#lib/live/TXLivePusher';
import { BeepDetector } from '#lib/measure/index';
import { EmbeddedMediaServer } from '#lib/server/media/EmbeddedMediaServer';
import { heard } from '../support/live/heard.js';
import { playUrl, pushUrl } from '../support/mediaServer.js';

const engine = 'embedded';
let media: EmbeddedMediaServer;
beforeAll(async () => {
  media = new EmbeddedMediaServer();
  await media.start();
});
afterAll(() => media?.close());

/** The place of a device that the runner's PulseAudio has, among those that Windows lists. */
function placeOf(name: string, devices: readonly { name: string }[]): number {
  const index = devices.findIndex((device) => device.name === name);
  expect(index, `${name} is among ${JSON.stringify(devices)}`).toBeGreaterThanOrEqual(0);
  return index;
}

// SDL opens them by WASAPI, which wine hands to the PulseAudio that the runner starts.
describe('loudspeaker and microphone in Windows Node', () => {
  it('carry the beeps of one call into another', async () => {
    await using speaking = new TXLivePusher({ engine });
    await speaking.startAudioCapture({ source: 'synthetic' });
    await speaking.startPush(pushUrl(media, 'speaking'));
    await using loud = new TXLivePlayer({ engine });
    loud.selectSpeakerDevice(placeOf('Mouth', loud.enumSpeakers()));
    const plays = heard(loud, 'PLAY_EVT_SPEAKER_AVAILABLE');
    await loud.startPlay(playUrl(media, 'speaking'));
    await plays;

    await using hearing = new TXLivePusher({ engine });
    hearing.selectMicDevice(placeOf('Micro', hearing.enumMics()));
    await hearing.startAudioCapture({ source: 'microphone' });
    await hearing.startPush(pushUrl(media, 'hearing'));
    await using player = new TXLivePlayer({ engine, audioOutput: true });
    const beeps = new BeepDetector();
    const onsets: number[] = [];
    const enough = new Promise<void>((resolve) => {
      player.on('audioFrame', (frame: AudioFrame) => {
        onsets.push(...beeps.push(frame));
        frame.close();
        if (onsets.length >= 4) resolve();
      });
    });
    await player.startPlay(playUrl(media, 'hearing'));
    await enough;
    expect(hearing.micVolumeIndication()).toBeGreaterThanOrEqual(0);
    const gaps = onsets.slice(1).map((onset, i) => onset - (onsets[i] as number));
    // One a second. wine on a busy machine leaves out a block of sound now and then, so that one gap may be off.
    expect(gaps.filter((gap) => Math.abs(gap - 1000) < 60).length).toBeGreaterThanOrEqual(gaps.length - 1);
  });

  it('are known by their names, and refused where they are none', async () => {
    await using player = new TXLivePlayer({ engine });
    placeOf('One', player.enumSpeakers());
    expect(() => player.selectSpeakerDevice(99)).toThrow(expect.objectContaining({ code: 'ERR_RTC_DEVICE_NOT_FOUND' }));
    await using pusher = new TXLivePusher({ engine });
    expect(() => pusher.openSystemVoiceInput()).toThrow(
      expect.objectContaining({ code: 'ERR_RTC_UNSUPPORTED', message: expect.stringContaining('Stereo Mix') }),
    );
  });
});
