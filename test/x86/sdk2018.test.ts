// The 2018 generation of the SDK, inside a 32-bit Windows Node.js. On node:test and without a build: vitest has no
// program for ia32, and Node 22 takes this as it is.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { capabilities, engineInfo } from '#lib/live/engine';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { TXLivePusher } from '#lib/live/TXLivePusher';
import { readClock } from '#lib/measure/index';
import { EmbeddedMediaServer } from '#lib/server/media/EmbeddedMediaServer';
import { codeOf } from '../support/client/expectCode.ts';
import { deadlineMs, runChild } from '../support/live/child.ts';
import { nextEvent, playUrl, pushUrl } from '../support/mediaServer.ts';
import { checkListed, checkReleased, checkRow } from '../windows/support/methodChecks.ts';
import { playerRows, pusherRows, type Row } from '../windows/support/sdkCalls.ts';
import { StandinLog, standin, standinFolder } from '../windows/support/standin.ts';
import { openTestWindow, type TestWindow } from '../windows/support/testWindow.ts';

const engine = standin('tx2018');
/** An emulated processor is slow. */
const patience = { deadlineMs: 60_000 };
const address = (words: string) => `rtmp://127.0.0.1:1935/live/${words}`;

let window: TestWindow;
let folder: string;
before(async () => {
  window = await openTestWindow({ left: 0, top: 0, width: 160, height: 90 });
  folder = mkdtempSync(join(tmpdir(), 'rtcroom-x86-'));
});
after(async () => {
  await window?.close();
  rmSync(folder, { recursive: true, force: true });
});

it('is loaded by a 32-bit Node.js for Windows', () => {
  assert.deepEqual([process.platform, process.arch], ['win32', 'ia32']);
  const { name, version, library } = engineInfo(engine);
  assert.equal(name, 'liteav');
  assert.match(version, /2018/);
  assert.equal(library, join(standinFolder('tx2018'), 'liteav.dll'));
});

/** Pictures to judge by: a second. */
const wanted = 15;

it('stands beside the embedded engine, which pushes pictures and sound and plays them', async () => {
  assert.equal(engineInfo('embedded').name, 'embedded');
  const media = new EmbeddedMediaServer();
  await media.start();
  const pusher = new TXLivePusher({ engine: 'embedded' });
  const player = new TXLivePlayer({ engine: 'embedded', videoFormat: 'i420', audioOutput: true });
  try {
    pusher.setVideoResolution(101);
    await pusher.startPreview({ source: 'synthetic' });
    await pusher.startAudioCapture({ source: 'synthetic' });
    await pusher.startPush(pushUrl(media, 'x86'));
    const counters: (number | undefined)[] = [];
    const pictures = new Promise<void>((resolve) => {
      player.on('videoFrame', (frame) => {
        counters.push(readClock(frame)?.counter);
        frame.close();
        if (counters.length === wanted) resolve();
      });
    });
    const sound = nextEvent<{ close(): void }>(player, 'audioFrame', patience);
    await player.startPlay(playUrl(media, 'x86'));
    await Promise.all([pictures, sound.then((frame) => frame.close())]);
    // Each picture was decoded, is another, and comes in order; an emulated processor may drop some.
    const seen = counters.slice(0, wanted);
    assert.ok(!seen.includes(undefined), seen.join());
    assert.deepEqual(
      seen,
      [...new Set(seen)].sort((a = 0, b = 0) => a - b),
    );
  } finally {
    await Promise.all([pusher.close(), player.close()]);
    await media.close();
  }
});

/** Calls every row in turn; what the engine says it has must reach the SDK, what it has not must be refused. */
function everyMethod<T extends { close(): Promise<void> }>(
  title: string,
  rows: Row<T>[],
  make: () => T,
  has: () => string[],
): void {
  describe(title, () => {
    let log: StandinLog;
    let object: T;
    let supported: string[];
    before(() => {
      log = new StandinLog();
      supported = has();
      object = make();
    });
    after(() => object?.close());
    it('are all in the list', () => checkListed(supported, rows));
    for (const row of rows) {
      it(row.name, () => {
        const scene = { window, newFile: (name: string) => join(folder, name) };
        return checkRow(row, object, { generation: 'tx2018', supported, scene, log });
      });
    }
    it('break no rule of the SDK, and release what they made', async () => {
      await object.close();
      checkReleased(log);
    });
  });
}

everyMethod(
  'methods of the pusher',
  pusherRows,
  () => new TXLivePusher({ engine }),
  () => capabilities(engine).pusherMethods,
);
everyMethod(
  'methods of the player',
  playerRows,
  () => new TXLivePlayer({ engine }),
  () => capabilities(engine).playerMethods,
);

/** Runs with an object, closes it, and asks of the SDK that all was well. */
async function withLog<T extends { close(): Promise<void> }>(
  object: () => T,
  use: (object: T, log: StandinLog) => Promise<void>,
) {
  const log = new StandinLog();
  const made = object();
  try {
    await use(made, log);
  } finally {
    await made.close();
  }
  checkReleased(log);
}

const withPusher = (use: (pusher: TXLivePusher, log: StandinLog) => Promise<void>) =>
  withLog(() => new TXLivePusher({ engine }), use);
const withPlayer = (use: (player: TXLivePlayer, log: StandinLog) => Promise<void>) =>
  withLog(() => new TXLivePlayer({ engine }), use);

async function startPush(pusher: TXLivePusher, words: string) {
  const heard: string[] = [];
  pusher.on('event', ({ name }) => heard.push(name));
  await pusher.startPreview({ source: 'camera' });
  await pusher.startAudioCapture({ source: 'microphone' });
  await pusher.startPush(address(words));
  return heard;
}

describe('a push', () => {
  it('tells the events and the status', () =>
    withPusher(async (pusher) => {
      const heard = await startPush(pusher, 'events');
      assert.ok(heard.includes('PUSH_EVT_CONNECT_SUCC'), heard.join());
      assert.ok(heard.indexOf('PUSH_EVT_CONNECT_SUCC') < heard.indexOf('PUSH_EVT_PUSH_BEGIN'), heard.join());
      assert.equal(pusher.pushing, true);
      const status = await nextEvent<Record<string, number>>(pusher, 'status', patience);
      assert.ok((status.VIDEO_WIDTH ?? 0) > 0 && (status.VIDEO_FPS ?? 0) > 0, JSON.stringify(status));
      await pusher.stopPush();
      assert.equal(pusher.pushing, false);
    }));

  it('that the network ends is an event', () =>
    withPusher(async (pusher) => {
      const ended = nextEvent<{ severity: string }>(pusher, 'PUSH_ERR_NET_DISCONNECT', patience);
      await startPush(pusher, 'drop');
      assert.equal((await ended).severity, 'error');
      assert.equal(pusher.pushing, false);
    }));

  it('is begun again after an end, by the same object', () =>
    withPusher(async (pusher) => {
      await startPush(pusher, 'first');
      await pusher.stopPush();
      await pusher.startPush(address('second'));
      assert.equal(pusher.pushing, true);
    }));

  it('that the SDK refuses is an error', () =>
    withPusher(async (pusher) => {
      assert.equal(await codeOf(pusher.startPush(address('refuse-3'))), 'ERR_RTC_SDK_FAILED');
    }));

  it('is closed while it connects, and leaves no object behind', () =>
    withPusher(async (pusher, log) => {
      const code = codeOf(pusher.startPush(address('silent')));
      await log.call('startPush');
      await pusher.close();
      assert.equal(await code, 'ERR_RTC_ABORTED');
    }));
});

describe('a playback', () => {
  it('begins, tells its status and ends', () =>
    withPlayer(async (player) => {
      const began = nextEvent(player, 'PLAY_EVT_PLAY_BEGIN', patience);
      await player.startPlay(address('play'));
      await began;
      assert.equal(player.playing, true);
      const status = await nextEvent<Record<string, number>>(player, 'status', patience);
      assert.ok((status.VIDEO_WIDTH ?? 0) > 0, JSON.stringify(status));
      await player.stopPlay();
      assert.equal(player.playing, false);
    }));

  it('that loads says so', () =>
    withPlayer(async (player) => {
      const loading = nextEvent(player, 'PLAY_EVT_PLAY_LOADING', patience);
      await player.startPlay(address('loading'));
      await loading;
    }));

  it('that the network ends is an event', () =>
    withPlayer(async (player) => {
      const ended = nextEvent(player, 'PLAY_ERR_NET_DISCONNECT', patience);
      await player.startPlay(address('drop'));
      await ended;
      assert.equal(player.playing, false);
    }));

  it('hands out no frames, and says so', () => {
    assert.throws(() => new TXLivePlayer({ engine, audioOutput: true }), { code: 'ERR_RTC_UNSUPPORTED' });
    assert.throws(() => new TXLivePlayer({ engine, videoFormat: 'i420' }), { code: 'ERR_RTC_UNSUPPORTED' });
  });
});

/** Of a child that uses the SDK. */
const childEnv = {
  RTCROOM_TEST_ENGINE: 'liteav',
  RTCROOM_TEST_VIDEO: 'camera',
  RTCROOM_TEST_AUDIO: 'microphone',
  RTCROOM_TEST_FRAMES: 'none',
  LITEAV_SDK_DIR: standinFolder('tx2018'),
};

describe('a process with pusher and player active', () => {
  const endings = [
    { end: 'natural end', code: 0 },
    { end: 'natural end after close', code: 0 },
    { end: 'process.exit', code: 7 },
    { end: 'process.exit while closing', code: 7 },
    { end: 'uncaught throw', code: 1, stderr: /thrown on purpose/ },
    { end: 'worker.terminate', code: 0 },
    { end: 'worker process.exit', code: 0 },
    { end: 'process.exit with workers', code: 7 },
  ];
  for (const { end, code, stderr = /^$/ } of endings) {
    it(`${end} ends with the right code and no hang`, async () => {
      const log = new StandinLog();
      const result = await runChild('exitScenario.mjs', { args: ['active', end, address('exit')], env: childEnv });
      assert.deepEqual([result.code, result.signal], [code, null], result.stderr);
      assert.match(result.stderr, stderr);
      assert.ok(result.endedAfterMs < deadlineMs, `${result.endedAfterMs} ms`);
      assert.ok(log.calls('startPush').length > 0 && log.calls('startPlay').length > 0);
      assert.deepEqual(log.faults(), []);
    });
  }
});

it('is used in a child process, whose death is an event', async () => {
  const log = new StandinLog();
  const pusher = new TXLivePusher({ engine: { name: 'process', engine, isolated: true } });
  try {
    pusher.setVideoFPS(20);
    await pusher.startPreview({ source: 'camera' });
    const died = nextEvent(pusher, 'PUSH_ERR_NET_DISCONNECT', patience);
    await pusher.startPush(address('crash'));
    await died;
    assert.equal(pusher.pushing, false);
    const from = log.lines().length;
    await pusher.startPush(address('again'));
    assert.equal(pusher.pushing, true);
    // The fresh child was set as the dead one was.
    const methods = log
      .lines()
      .slice(from)
      .flatMap(({ method }) => method ?? []);
    assert.ok(methods.includes('setVideoFPS') && methods.includes('startPreview(camera)'), methods.join());
    assert.deepEqual(log.faults(), []);
  } finally {
    await pusher.close();
  }
});

it('does no harm with hostile callbacks', async () => {
  const log = new StandinLog();
  const result = await runChild('../../windows/support/hostileScenario.mjs', {
    env: { ...childEnv, LITEAV_STANDIN_HOSTILE: '1' },
  });
  assert.deepEqual([result.code, result.signal, result.stderr], [0, null, '']);
  const { rounds, total, late } = JSON.parse(result.stdout.split('ready\n')[1] ?? '{}');
  assert.deepEqual([rounds, late], [5, 0]);
  assert.ok(total >= 250, `${total} callbacks`);
  assert.deepEqual(log.faults(), []);
});
