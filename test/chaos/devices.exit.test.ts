import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deadlineMs, runChild } from '../support/live/child.js';
import { noneLeft } from '../support/live/processes.js';
import { type PulseServer, startPulseServer } from '../support/live/pulseServer.js';
import { type StandInCameras, startStandInCameras } from '../support/live/standInCameras.js';
import { type NginxRtmp, startNginxRtmp } from '../support/nginxRtmp.js';
import { type Screen, startScreen } from '../support/window/screen.js';

let screen: Screen;
let server: NginxRtmp;
let pulse: PulseServer;
let cameras: StandInCameras;
let stream = 0;
beforeAll(async () => {
  [screen, server] = await Promise.all([startScreen(), startNginxRtmp()]);
  pulse = await startPulseServer();
  cameras = await startStandInCameras();
  await cameras.plug(0, 'Stand-in');
});
afterAll(async () => {
  await cameras?.[Symbol.asyncDispose]();
  await pulse?.[Symbol.asyncDispose]();
  await server?.close();
  await screen?.close();
});

const endings: { end: string; code: number; signal?: NodeJS.Signals; stderr?: RegExp }[] = [
  { end: 'natural end after close', code: 0 },
  { end: 'natural end after stops and two closes', code: 0 },
  { end: 'process.exit', code: 7 },
  { end: 'process.exit while closing', code: 7 },
  { end: 'uncaught throw', code: 1, stderr: /thrown on purpose/ },
  { end: 'signal handler', code: 0, signal: 'SIGTERM' },
  { end: 'worker.terminate', code: 0 },
  { end: 'process.exit with workers', code: 7 },
];

async function endsWell(engine: string, video: string, state: string, ending: (typeof endings)[number]) {
  const mark = randomUUID();
  const result = await runChild('exitScenario.mjs', {
    ...(ending.signal ? { signal: ending.signal } : {}),
    args: [state, ending.end, `${server.rtmpUrl}/devices${++stream}`],
    env: {
      RTCROOM_TEST_ENGINE: engine,
      RTCROOM_TEST_MARK: mark,
      RTCROOM_TEST_VIDEO: video,
      RTCROOM_TEST_AUDIO: 'microphone',
      RTCROOM_TEST_SPEAKER: '1',
    },
  });
  expect({ code: result.code, signal: result.signal, stderr: result.stderr }).toEqual({
    code: ending.code,
    signal: null,
    stderr: ending.stderr ? expect.stringMatching(ending.stderr) : '',
  });
  expect(result.endedAfterMs).toBeLessThan(deadlineMs);
  await noneLeft(mark);
}

/** The child process ends by a pipe that closes, whatever way its parent takes. */
const ofEngine = (engine: string, each: { end: string }) =>
  engine === 'embedded' || ['natural end after close', 'process.exit', 'worker.terminate'].includes(each.end);

/** Two workers would open the one camera twice: it is occupied for the second. */
const oneCamera = (video: string, { end }: { end: string }) => video === 'camera' && /worker/.test(end);

describe.each(['embedded', 'process'])('the engine %s with microphone, loudspeaker and', (engine) => {
  describe.each(['camera', 'screen'])('%s', (video) => {
    describe.each(['active', 'opening'])('%s', (state) => {
      it.each(endings.filter((each) => ofEngine(engine, each) && (state === 'opening' || !oneCamera(video, each))))(
        '$end ends with the right code and no hang',
        (ending) => endsWell(engine, video, state, ending),
      );
    });
  });
});

describe.each(['embedded', 'process'])('the engine %s while the camera hangs', (engine) => {
  beforeEach(() => cameras.hang(0));
  afterAll(() => cameras.plug(0, 'Stand-in'));
  it.each(endings.filter((each) => ofEngine(engine, each)))('$end ends with the right code and no hang', (ending) =>
    endsWell(engine, 'camera', 'hanging', ending),
  );
});

describe.each(['embedded', 'process'])('the engine %s while the sound server hangs', (engine) => {
  beforeAll(() => pulse.pause());
  afterAll(() => pulse.resume());
  it.each(endings.filter((each) => ofEngine(engine, each)))('$end ends with the right code and no hang', (ending) =>
    endsWell(engine, 'camera', 'opening', ending),
  );
});
