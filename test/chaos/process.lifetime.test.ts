import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EngineChoice } from '#lib/live/engine';
import { EngineHost } from '#lib/live/process/EngineHost';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { TXLivePusher } from '#lib/live/TXLivePusher';
import { deadlineMs, runChild } from '../support/live/child.js';
import { heard } from '../support/live/heard.js';
import { eventually, isAlive } from '../support/live/processes.js';
import { type NginxRtmp, startNginxRtmp } from '../support/nginxRtmp.js';

const badAddon = fileURLToPath(new URL('../support/live/badAddon.cjs', import.meta.url));
const shared: EngineChoice = { name: 'process', engine: 'embedded' };
const isolated: EngineChoice = { ...shared, isolated: true };
let server: NginxRtmp;

beforeAll(async () => {
  server = await startNginxRtmp();
});
afterAll(() => server?.close());

const count = (folder: 'fd' | 'task') => readdirSync(`/proc/self/${folder}`).length;
const allEnded = () => eventually('the end of the children', () => EngineHost.pids.length === 0);

describe('children', () => {
  it('leave no descriptor and no thread behind, 50 of them', { timeout: 240_000 }, async () => {
    const round = async () => {
      const pusher = new TXLivePusher({ engine: isolated });
      pusher.setMute(true);
      await pusher.close();
      await allEnded();
    };
    await round();
    const before = { fd: count('fd'), task: count('task') };
    for (let i = 0; i < 50; i++) await round();
    expect(count('fd')).toBeLessThanOrEqual(before.fd);
    expect(count('task')).toBeLessThanOrEqual(before.task);
  });

  it('are one for all objects of an engine, and end soon after the last', async () => {
    const players = Array.from({ length: 8 }, () => new TXLivePlayer({ engine: shared }));
    const { pids } = EngineHost;
    expect(pids).toHaveLength(1);
    await Promise.all(players.map((player) => player.close()));
    const next = new TXLivePlayer({ engine: shared });
    expect(EngineHost.pids).toEqual(pids);
    await next.close();
    await allEnded();
    expect(isAlive(pids[0] as number)).toBe(false);
  });

  it.each(['live', 'stuck'])('end when their parent is killed: %s', async (state) => {
    const url = `${server.rtmpUrl}/orphan_${state}`;
    let pid = 0;
    const result = await runChild('orphanScenario.mjs', {
      args: [url, state],
      signal: 'SIGKILL',
      env: state === 'stuck' ? { LITEAV_RTCROOM_ADDON: badAddon } : {},
      onReady: (stdout) => {
        pid = Number(/pid (\d+)/.exec(stdout)?.[1]);
      },
    });
    expect(result.signal).toBe('SIGKILL');
    expect(pid).toBeGreaterThan(0);
    // A stuck one is given 3 s to end in order.
    await eventually('its end', () => !isAlive(pid), 4 * deadlineMs);
  });
});

describe('a slow application', () => {
  it('loses the oldest frames, counted, and its memory does not grow', async () => {
    await using pusher = new TXLivePusher({ engine: 'embedded' });
    const url = `${server.rtmpUrl}/slow`;
    pusher.setVideoResolution(105);
    pusher.setVideoFPS(30);
    await pusher.startPreview({ source: 'synthetic' });
    await pusher.startAudioCapture({ source: 'synthetic' });
    await pusher.startPush(url);
    await using player = new TXLivePlayer({ engine: shared, videoFormat: 'i420', audioOutput: true });
    const times: number[] = [];
    player.on('audioFrame', (frame) => frame.close());
    const first = heard(player, 'videoFrame');
    await player.startPlay(url);
    (await first).close();
    const before = process.memoryUsage.rss();
    const block = performance.now() + 3000;
    while (performance.now() < block);
    const grown = process.memoryUsage.rss() - before;
    player.on('videoFrame', (frame) => {
      times.push(frame.timestampMs);
      frame.close();
    });
    await eventually('frames after the pause', () => times.length >= 24);
    // What was on its way when the pause began comes first; what follows are the newest, not those of the pause's begin.
    const jump = Math.max(...times.slice(1).map((time, i) => time - (times[i] as number)));
    expect(jump).toBeGreaterThan(1500);
    const { video, audio } = player.droppedFrames;
    // 3 s at 30 pictures and 47 sounds a second, of which 8 and 32 are kept, by child and native bridge each.
    expect(video).toBeGreaterThan(40);
    expect(audio).toBeGreaterThan(40);
    expect(grown).toBeLessThan(48 * 1024 * 1024);
  });
});
