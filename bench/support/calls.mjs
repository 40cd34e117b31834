import { setTimeout as delay } from 'node:timers/promises';
import { clockMicros } from '#lib/live/engine';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { TXLivePusher } from '#lib/live/TXLivePusher';
import { CallMeter } from '#lib/measure/index';
import { FfmpegPlay, FfmpegPush } from './ffmpeg.mjs';
import { Generator } from './Generator.mjs';
import { published } from './media.mjs';

const firstMs = 20_000;

/** A new meter for each measurement: what came before it does not count. */
class Measured {
  #meter;
  #first;
  first = new Promise((resolve) => {
    this.#first = resolve;
  });

  see(picture, atUs) {
    this.#first();
    this.#meter?.video(picture, atUs);
  }

  begin() {
    this.#meter = new CallMeter({ settleMs: 0 });
  }

  report() {
    return this.#meter.report();
  }

  /** The first picture, or long enough without. */
  begun() {
    return Promise.race([this.first, delay(firstMs, undefined, { ref: false })]);
  }
}

async function startOurs({ push, play }, size, engine) {
  const pusher = new TXLivePusher({ engine });
  const player = new TXLivePlayer({ engine, videoFormat: 'i420', audioOutput: true });
  const generator = new Generator({ ...size, onPicture: (picture) => pusher.sendCustomVideoData(picture) });
  const measured = new Measured();
  const close = async () => {
    generator.stop();
    await Promise.all([pusher.close(), player.close()]);
  };
  try {
    pusher.setVideoResolution(size.resolution);
    pusher.setVideoFPS(size.fps);
    pusher.setVideoBitRate(size.bitrateKbps);
    await pusher.startPreview({ source: 'user' });
    if (!size.silent) await pusher.startAudioCapture({ source: 'synthetic' });
    generator.start();
    await pusher.startPush(push);
    player.on('videoFrame', (frame) => {
      measured.see(frame, clockMicros());
      frame.close();
    });
    player.on('audioFrame', (frame) => frame.close());
    await player.startPlay(play);
    await measured.begun();
    return { measured, settleMs: 2000, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function startFfmpeg(server, { push, play }, size, profile) {
  const pusher = new FfmpegPush({ ...size, profile, url: push });
  let player;
  const close = () => Promise.all([pusher.stop(), player?.stop()]);
  try {
    await published(server, push);
    const measured = new Measured();
    player = new FfmpegPlay({ ...size, profile, url: play, onPicture: (picture, at) => measured.see(picture, at) });
    await measured.begun();
    // Its defaults begin seconds late.
    return { measured, settleMs: profile === 'default' ? 6000 : 4000, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * A stream whose pictures carry the clock, from this process through the server and back to it, with sound unless the size is
 * `silent`. `measure`
 * takes seconds, and gives a CallReport of them; `beside` runs at the same time.
 */
export async function startCall(server, way, size) {
  const urls = server.stream();
  const { measured, settleMs, close } = way.startsWith('ours')
    ? await startOurs(urls, size, way === 'ours' ? 'auto' : 'process')
    : await startFfmpeg(server, urls, size, way.replace('ffmpeg ', ''));
  return {
    close,
    async measure(seconds, beside = () => undefined) {
      await delay(settleMs);
      const finish = await beside();
      measured.begin();
      await delay(seconds * 1000);
      const report = measured.report();
      return { report, beside: await finish?.() };
    },
  };
}
