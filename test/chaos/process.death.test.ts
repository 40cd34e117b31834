import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { EngineChoice } from '#lib/live/engine';
import { EngineHost } from '#lib/live/process/EngineHost';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { TXLivePusher } from '#lib/live/TXLivePusher';
import { codeOf, rejection } from '../support/client/expectCode.js';
import { runTool } from '../support/ffmpeg.js';
import { heard } from '../support/live/heard.js';
import { eventually, isAlive } from '../support/live/processes.js';
import { startSilentServer } from '../support/live/silentServer.js';
import { type NginxRtmp, startNginxRtmp } from '../support/nginxRtmp.js';
import { patient } from '../support/patience.js';

const engine: EngineChoice = { name: 'process', engine: 'embedded' };
const died = 'ERR_RTC_ENGINE_DIED';
const builtAddon = fileURLToPath(new URL('../../build/Release/liteav_rtcroom.node', import.meta.url));
const open: (TXLivePusher | TXLivePlayer)[] = [];
let server: NginxRtmp;
let stream = 0;

beforeAll(async () => {
  server = await startNginxRtmp();
});
afterAll(() => server?.close());
afterEach(async () => {
  await Promise.all(open.splice(0).map((object) => object.close()));
  await eventually('the end of the children', () => EngineHost.pids.length === 0);
});

function keep<Kept extends TXLivePusher | TXLivePlayer>(object: Kept): Kept {
  open.push(object);
  return object;
}

/** The one child that lives. */
function childPid(): number {
  expect(EngineHost.pids).toHaveLength(1);
  return EngineHost.pids[0] as number;
}

function kill(pid = childPid()): void {
  process.kill(pid, 'SIGKILL');
}

async function push(pusher: TXLivePusher): Promise<string> {
  const url = `${server.rtmpUrl}/death${++stream}`;
  await pusher.startPreview({ source: 'synthetic' });
  await pusher.startAudioCapture({ source: 'synthetic' });
  await pusher.startPush(url);
  return url;
}

describe('a child that dies', () => {
  it('while pushing is an event; the next start pushes the same picture in a fresh one', async () => {
    const pusher = keep(new TXLivePusher({ engine }));
    pusher.setVideoResolution(101);
    pusher.setVideoFPS(20);
    const url = await push(pusher);
    const first = childPid();
    const lost = heard(pusher, 'PUSH_ERR_NET_DISCONNECT');
    kill();
    expect(await lost).toMatchObject({ code: -1307, nativeCode: -1307, severity: 'error' });
    expect(pusher.pushing).toBe(false);
    await pusher.startPush(url);
    expect(pusher.pushing).toBe(true);
    expect(childPid()).not.toBe(first);
    await using player = new TXLivePlayer({ engine: 'embedded', videoFormat: 'i420', audioOutput: true });
    const [picture, sound] = [heard(player, 'videoFrame'), heard(player, 'audioFrame')];
    await player.startPlay(url);
    const { width, height } = await picture;
    expect({ width, height }).toEqual({ width: 320, height: 180 });
    expect((await sound).samples).toBeGreaterThan(0);
  });

  it('while pushing leaves the watermark for the fresh one; one whose file is gone is told', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rtcroom-mark-'));
    try {
      const mark = join(folder, 'mark.png');
      await runTool('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'color=red:size=64x64', '-frames:v', '1', mark]);
      const pusher = keep(new TXLivePusher({ engine }));
      pusher.setVideoResolution(101);
      await pusher.setWatermark(mark, { x: 0.5, y: 0.5, scale: 0.25 });
      const url = await push(pusher);
      kill();
      await heard(pusher, 'PUSH_ERR_NET_DISCONNECT');
      await pusher.startPush(url);
      await using player = new TXLivePlayer({ engine: 'embedded' });
      await player.startPlay(url);
      for await (const frame of player.frames()) {
        // The red chroma at (180, 110).
        const red = frame.data[320 * 180 + 160 * 90 + 55 * 160 + 90] as number;
        frame.close();
        if (red > 200) break;
      }
      rmSync(mark);
      kill();
      await heard(pusher, 'PUSH_ERR_NET_DISCONNECT');
      const refused = heard(pusher, 'PUSH_WARNING_SETTING_REFUSED');
      await pusher.startPush(url);
      expect(await refused).toMatchObject({ code: 1190, message: expect.stringContaining('setWatermark') });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('while playing is an event; the next start plays on', async () => {
    await using pusher = new TXLivePusher({ engine: 'embedded' });
    pusher.setVideoResolution(101);
    const url = await push(pusher);
    const player = keep(new TXLivePlayer({ engine }));
    player.setOutputVideoFormat('rgba');
    const before = heard(player, 'videoFrame');
    await player.startPlay(url);
    (await before).close();
    const lost = heard(player, 'PLAY_ERR_NET_DISCONNECT');
    kill();
    expect((await lost).code).toBe(-2301);
    expect(player.playing).toBe(false);
    const after = heard(player, 'videoFrame');
    await player.startPlay(url);
    const frame = await after;
    expect(frame.format).toBe('rgba');
    expect(frame.data.length).toBe(320 * 180 * 4);
    frame.close();
  });

  it('while a start is pending rejects it, once, as retryable', async () => {
    await using silent = await startSilentServer();
    const pusher = keep(new TXLivePusher({ engine }));
    const player = keep(new TXLivePlayer({ engine }));
    const events: string[] = [];
    pusher.on('event', ({ name }) => events.push(name));
    player.on('event', ({ name }) => events.push(name));
    const results = [rejection(pusher.startPush(silent.url)), rejection(player.startPlay(silent.url))];
    await silent.connected();
    kill();
    for (const error of await Promise.all(results)) {
      expect(error).toMatchObject({ code: died, retryable: true });
    }
    expect(events).toEqual(['PUSH_ERR_NET_DISCONNECT', 'PLAY_ERR_NET_DISCONNECT']);
  });

  it('while it starts rejects the start; the one after that is fine', async () => {
    const pusher = keep(new TXLivePusher({ engine }));
    const url = await push(pusher);
    kill();
    await heard(pusher, 'PUSH_ERR_NET_DISCONNECT');
    const started = codeOf(pusher.startPush(url));
    await eventually('a fresh child', () => EngineHost.pids.some(isAlive));
    kill(EngineHost.pids.find(isAlive));
    expect(await started).toBe(died);
    await pusher.startPush(url);
  });

  it('while stopping or closing has stopped and closed', async () => {
    const pusher = keep(new TXLivePusher({ engine }));
    await push(pusher);
    const pid = childPid();
    const stopped = pusher.stopPush();
    const closed = pusher.close();
    kill(pid);
    await Promise.all([stopped, closed]);
    expect(pusher.closed).toBe(true);
    expect(await codeOf(pusher.startPush('rtmp://127.0.0.1:1/live/x'))).toBe('ERR_RTC_CLOSED');
  });

  it('while nothing runs is no event, and the next call takes a fresh one', async () => {
    const pusher = keep(new TXLivePusher({ engine }));
    const events: string[] = [];
    pusher.on('event', ({ name }) => events.push(name));
    const pid = childPid();
    kill();
    await eventually('its end', () => !isAlive(pid) && EngineHost.pids.length === 0);
    pusher.setMute(true);
    expect(() => pusher.setVideoFPS(0)).toThrow(expect.objectContaining({ code: 'ERR_RTC_INVALID_ARGUMENT' }));
    expect(events).toEqual([]);
    expect(childPid()).not.toBe(pid);
  });

  it('in the middle of a call is an error of that call', async () => {
    const pusher = keep(new TXLivePusher({ engine }));
    const pid = childPid();
    process.kill(pid, 'SIGSTOP'); // It cannot answer before it dies.
    kill();
    expect(() => pusher.setMute(true)).toThrow(expect.objectContaining({ code: died }));
    pusher.setMute(true);
  });

  it('takes all that share it, and none that is isolated', async () => {
    const isolated = keep(new TXLivePusher({ engine: { name: 'process', engine: 'embedded', isolated: true } }));
    await push(isolated);
    const own = childPid();
    const sharing = [keep(new TXLivePusher({ engine })), keep(new TXLivePusher({ engine }))];
    await Promise.all(sharing.map(push));
    const lost = sharing.map((pusher) => heard(pusher, 'PUSH_ERR_NET_DISCONNECT'));
    const others = EngineHost.pids.filter((pid) => pid !== own);
    expect(others).toHaveLength(1);
    kill(others[0]);
    await Promise.all(lost);
    expect(isolated.pushing).toBe(true);
  });

  it('does not break an application that goes on to feed the source', async () => {
    const picture = { data: new Uint8Array((320 * 180 * 3) / 2), width: 320, height: 180 };
    const pusher = keep(new TXLivePusher({ engine }));
    await pusher.startPreview({ source: 'user' });
    pusher.sendCustomVideoData(picture);
    const lost = heard(pusher, 'PUSH_ERR_NET_DISCONNECT');
    kill();
    await lost;
    pusher.sendCustomVideoData(picture);
    pusher.setVideoResolution(101);
    pusher.sendCustomVideoData(picture);
    const started = pusher.startPush(`${server.rtmpUrl}/death${++stream}`);
    const feeding = setInterval(() => pusher.sendCustomVideoData(picture), 40);
    const first = heard(pusher, 'PUSH_EVT_FIRST_FRAME_AVAILABLE');
    try {
      await started;
      await first;
    } finally {
      clearInterval(feeding);
    }
  });

  it('and cannot be replaced rejects the start; the one after that tries again', async () => {
    const pusher = keep(new TXLivePusher({ engine }));
    const url = await push(pusher);
    const lost = heard(pusher, 'PUSH_ERR_NET_DISCONNECT');
    kill();
    await lost;
    const folder = mkdtempSync(join(tmpdir(), 'rtcroom-death-'));
    const later = join(folder, 'later.node');
    vi.stubEnv('LITEAV_RTCROOM_ADDON', later);
    try {
      expect(await codeOf(pusher.startPush(url))).toBe('ERR_RTC_ADDON_NOT_FOUND');
      vi.unstubAllEnvs();
      copyFileSync(process.env.LITEAV_RTCROOM_ADDON ?? builtAddon, later);
      await pusher.startPush(url);
      expect(pusher.pushing).toBe(true);
    } finally {
      vi.unstubAllEnvs();
      rmSync(folder, { recursive: true });
    }
  });

  it('tells how it ended', async () => {
    const pusher = keep(new TXLivePusher({ engine }));
    await push(pusher);
    const lost = heard(pusher, 'PUSH_ERR_NET_DISCONNECT');
    kill();
    const { message, params } = await lost;
    expect(message).toContain('SIGKILL');
    expect(params.EVT_MSG).toBe(message);
  });
});

describe('a child that is stuck', () => {
  it('is ended when a call waits 5 s for it, and the application goes on', async () => {
    const player = keep(new TXLivePlayer({ engine }));
    player.setMute(true);
    const pid = childPid();
    process.kill(pid, 'SIGSTOP');
    const start = performance.now();
    expect(() => player.setMute(false)).toThrow(expect.objectContaining({ code: 'ERR_RTC_TIMEOUT' }));
    expect(performance.now() - start).toBeLessThan(patient(7000));
    await eventually('its end', () => !EngineHost.pids.includes(pid));
    player.setMute(false);
  });

  it('before it has said anything is ended, and the start rejects', { timeout: patient(60_000) }, async () => {
    const pusher = keep(new TXLivePusher({ engine }));
    const url = await push(pusher);
    const lost = heard(pusher, 'PUSH_ERR_NET_DISCONNECT');
    kill();
    await lost;
    const started = codeOf(pusher.startPush(url));
    await eventually('a fresh child', () => EngineHost.pids.some(isAlive));
    process.kill(EngineHost.pids.find(isAlive) as number, 'SIGSTOP');
    expect(await started).toBe(died);
  });

  it('is ended when it answers no ping', { timeout: patient(30_000) }, async () => {
    const pusher = keep(new TXLivePusher({ engine }));
    await push(pusher);
    const lost = heard(pusher, 'PUSH_ERR_NET_DISCONNECT', patient(25_000));
    process.kill(childPid(), 'SIGSTOP');
    await lost;
    expect(pusher.pushing).toBe(false);
  });
});

describe('children', () => {
  it('leave a SIGTERM of the process group to the application', async () => {
    const pusher = keep(new TXLivePusher({ engine }));
    const url = await push(pusher);
    const pid = childPid();
    process.kill(pid, 'SIGTERM');
    await using player = new TXLivePlayer({ engine: 'embedded', videoFormat: 'i420' });
    const picture = heard(player, 'videoFrame');
    await player.startPlay(url);
    (await picture).close();
    expect(childPid()).toBe(pid);
    expect(pusher.pushing).toBe(true);
  });

  it('that cannot be started are an error that says so', () => {
    const missing: EngineChoice = { name: 'process', execPath: '/nonexistent/node' };
    expect(() => new TXLivePusher({ engine: missing })).toThrow(expect.objectContaining({ code: died }));
  });

  it('that are no Node.js are an error too', () => {
    const wrong: EngineChoice = { name: 'process', execPath: '/bin/false' };
    expect(() => new TXLivePusher({ engine: wrong })).toThrow(expect.objectContaining({ code: died }));
  });
});
