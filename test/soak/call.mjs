import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { clockMicros } from '#lib/live/engine';
import { CallMeter } from '#lib/measure/index';
import { RTCRoom } from '#lib/room/RTCRoom';
import { startTestService } from '#lib/testing/index';

const sampleMs = 5000;
const samplesPerRound = 3;
const warmUpMs = 60_000;
/** More than the service keeps of a user's latest messages, for a resume and against repeats; it fills only once. */
const keptMessages = 520;
/** Below the rate that a user may send at. */
const textMs = 70;

async function view(room, from, path) {
  const meter = new CallMeter({ startedAtUs: clockMicros() });
  let recording = Promise.resolve();
  const player = await room.addRemoteView(from, {
    player: { videoFormat: 'i420', audioOutput: true },
    onPlayer: (made) => {
      // Right behind startPlay, which follows this call.
      recording = Promise.resolve().then(() => made.startLocalRecord(path));
      made.on('videoFrame', (frame) => {
        meter.video(frame, clockMicros());
        frame.close();
      });
      made.on('audioFrame', (frame) => {
        meter.audio(frame);
        frame.close();
      });
    },
  });
  await recording;
  return { meter, player };
}

/**
 * A long call of two people, recorded, with room service and media server; a text every 5 s.
 * @type {import('./run.mjs').Scenario}
 */
export const call = {
  minutes: 10,
  leastMinutes: 2.5,
  roundMs: () => samplesPerRound * sampleMs,
  warmUpRounds: () => warmUpMs / (samplesPerRound * sampleMs),
  async run({ rounds, folder, log, progress }) {
    const service = await startTestService();
    const [a, b] = [new RTCRoom(), new RTCRoom()];
    const problems = [];
    try {
      for (const room of [a, b]) room.on('error', (error) => problems.push(`${error.code} ${error.message}`));
      const synthetic = { video: { source: 'synthetic' }, audio: { source: 'synthetic' } };
      await a.login(service.loginInfo('A'));
      await b.login(service.loginInfo('B'));
      await a.startLocalPreview(synthetic);
      await b.startLocalPreview(synthetic);
      const joined = new Promise((resolve) => a.once('memberJoin', resolve));
      const roomID = await a.createRoom();
      await b.enterRoom({ roomID });
      await joined;
      const views = [await view(a, 'B', join(folder, 'B.mp4')), await view(b, 'A', join(folder, 'A.mp4'))];
      for (let count = 0; count < keptMessages; count++) {
        await a.sendRoomTextMsg(`before ${count}`);
        await delay(textMs);
      }
      for (let count = 1; count <= rounds * samplesPerRound; count++) {
        await delay(sampleMs);
        const sample = log.sample(Math.floor((count - 1) / samplesPerRound));
        if (count % 6 === 0) progress(sample);
        await a.sendRoomTextMsg(`minute ${sample.minute.toFixed(1)}`);
      }
      for (const { player } of views) await player.stopLocalRecord();
      const calls = views.map(({ meter }) => meter.report());
      for (const { lost, frames } of calls) {
        if (frames === 0) problems.push('no picture came');
        if (lost > 0) problems.push(`${lost} pictures were lost`);
      }
      const facts = calls.map(
        ({ frames, lost, latency, avOffsetMs }) =>
          `frames ${frames}, lost ${lost}, latency p95 ${latency?.p95Ms.toFixed(1)} ms, A/V ${avOffsetMs?.toFixed(1)} ms`,
      );
      return { problems, facts, details: { calls } };
    } finally {
      await Promise.all([a.close(), b.close()]);
      await service.close();
    }
  },
};
