import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type NginxRtmp, startNginxRtmp } from '../nginxRtmp.js';
import { type ChildOptions, deadlineMs, runChild } from './child.js';
import { noneLeft } from './processes.js';
import { type SilentServer, startSilentServer } from './silentServer.js';

const states = ['idle', 'connecting', 'active'] as const;

interface Ending {
  end: string;
  code: number | null;
  options?: ChildOptions;
  /** The signal that ends the process. */
  signal?: NodeJS.Signals;
  stderr?: RegExp;
}

const endings: Ending[] = [
  { end: 'natural end', code: 0 },
  { end: 'natural end after close', code: 0 },
  { end: 'process.exit', code: 7 },
  { end: 'process.exit while closing', code: 7 },
  { end: 'uncaught throw', code: 1, stderr: /thrown on purpose/ },
  { end: 'signal handler', code: 0, options: { signal: 'SIGTERM' } },
  { end: 'stay', code: null, options: { signal: 'SIGTERM' }, signal: 'SIGTERM' },
  { end: 'worker.terminate', code: 0 },
  { end: 'worker process.exit', code: 0 },
  { end: 'worker uncaught throw', code: 0 },
  { end: 'process.exit with workers', code: 7 },
];

/** Every way to end, in every state: the right code, no hang, no word on stderr, no process left. */
export function exitSuite(engine: 'embedded' | 'process'): void {
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

  async function endsWell(state: string, { end, code, options, signal, stderr }: Ending): Promise<void> {
    const url = state === 'connecting' ? silent.url : `${server.rtmpUrl}/exit${++stream}`;
    const mark = randomUUID();
    const result = await runChild('exitScenario.mjs', {
      ...options,
      args: [state, end, url],
      env: { RTCROOM_TEST_ENGINE: engine, RTCROOM_TEST_MARK: mark },
    });
    expect({ code: result.code, signal: result.signal, stderr: result.stderr }).toEqual({
      code,
      signal: signal ?? null,
      stderr: stderr ? expect.stringMatching(stderr) : '',
    });
    expect(result.endedAfterMs).toBeLessThan(deadlineMs);
    await noneLeft(mark);
  }

  describe.each(states)('with pusher and player %s', (state) => {
    it.each(endings)('$end ends with the right code and no hang', (ending) => endsWell(state, ending));
  });

  describe('with pusher and player active', () => {
    it('process.exit in a listener of frames ends with the right code and no hang', () =>
      endsWell('active', { end: 'process.exit in a listener', code: 7 }));
  });
}
