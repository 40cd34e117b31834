import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deadlineMs, runChild } from '../support/live/child.js';
import { type SilentServer, startSilentServer } from '../support/live/silentServer.js';
import { type NginxRtmp, startNginxRtmp } from '../support/nginxRtmp.js';
import { standinFolder } from './support/standin.js';

let server: NginxRtmp;
let silent: SilentServer;
let stream = 0;
beforeAll(async () => {
  [server, silent] = await Promise.all([startNginxRtmp(), startSilentServer()]);
});
afterAll(async () => {
  await server?.close();
  await silent?.[Symbol.asyncDispose]();
});

/** Windows has no SIGTERM; the other ends are those of Linux. */
const endings = [
  { end: 'natural end', code: 0 },
  { end: 'natural end after close', code: 0 },
  { end: 'process.exit', code: 7 },
  { end: 'process.exit while closing', code: 7 },
  { end: 'uncaught throw', code: 1, stderr: /thrown on purpose/ },
  { end: 'worker.terminate', code: 0 },
  { end: 'worker process.exit', code: 0 },
  { end: 'worker uncaught throw', code: 0 },
  { end: 'process.exit with workers', code: 7 },
  { end: 'process.exit in a listener', code: 7 },
];

const engines = [
  { name: 'embedded', env: {} as Record<string, string>, active: () => `${server.rtmpUrl}/exit${++stream}` },
  ...['v2-r4', 'itx'].map((variant) => ({
    name: variant,
    env: {
      RTCROOM_TEST_ENGINE: 'liteav',
      RTCROOM_TEST_VIDEO: 'camera',
      RTCROOM_TEST_AUDIO: 'microphone',
      LITEAV_SDK_DIR: standinFolder(variant),
    } as Record<string, string>,
    active: () => 'rtmp://127.0.0.1:1935/live/exit',
  })),
];

async function endsWell(
  state: string,
  url: string,
  { end, code, stderr }: { end: string; code: number; stderr?: RegExp },
  env: Record<string, string>,
): Promise<void> {
  const result = await runChild('exitScenario.mjs', { args: [state, end, url], env });
  expect({ code: result.code, signal: result.signal, stderr: result.stderr }).toEqual({
    code,
    signal: null,
    stderr: stderr ? expect.stringMatching(stderr) : '',
  });
  expect(result.endedAfterMs).toBeLessThan(deadlineMs);
}

describe.each(engines)('with pusher and player of $name active', ({ env, active, name }) => {
  const named = { ...env, RTCROOM_TEST_ENGINE: name === 'embedded' ? 'embedded' : 'liteav' };
  it.each(endings)('$end ends with the right code and no hang', (ending) =>
    endsWell('active', active(), ending, named),
  );
});

describe.each(engines)('with pusher and player of $name connecting', ({ env, name }) => {
  const named = { ...env, RTCROOM_TEST_ENGINE: name === 'embedded' ? 'embedded' : 'liteav' };
  const url = () => (name === 'embedded' ? silent.url : 'rtmp://127.0.0.1:1935/live/silent');
  it.each(endings.filter(({ end }) => ['process.exit', 'natural end after close', 'worker.terminate'].includes(end)))(
    '$end ends with the right code and no hang',
    (ending) => endsWell('connecting', url(), ending, named),
  );
});
