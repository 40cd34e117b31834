// Brings pusher and player into a state, says 'ready', ends in one of the ways that a process or a worker ends.
// Arguments: state, end, url; RTCROOM_TEST_ENGINE names the engine, RTCROOM_TEST_VIDEO and _AUDIO the sources; RTCROOM_TEST_FRAMES=none: it hands out no frames;
// RTCROOM_TEST_SPEAKER: the player has a loudspeaker. As a worker it gets the same in workerData.
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { parentPort, Worker, workerData } from 'node:worker_threads';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { TXLivePusher } from '#lib/live/TXLivePusher';

const [state, end, url] = workerData ?? process.argv.slice(2);
const engine = process.env.RTCROOM_TEST_ENGINE;
const frames = process.env.RTCROOM_TEST_FRAMES !== 'none';
const speaker = process.env.RTCROOM_TEST_SPEAKER ? { speaker: true } : {};
const output = frames ? { videoFormat: 'i420', audioOutput: true } : {};

// Held, so that nothing is closed by the collector meanwhile.
const objects = [];
globalThis.objects = objects;
let alive;

async function enterState() {
  const pusher = new TXLivePusher({ engine, statusIntervalMs: 100 });
  const player = new TXLivePlayer({ engine, ...output, ...speaker, statusIntervalMs: 100 });
  objects.push(pusher, player);
  if (state === 'idle') return { pusher, player };
  if (state === 'opening' || state === 'hanging') {
    // Whatever becomes of it: the end comes first, or in between.
    pusher.startPreview({ source: process.env.RTCROOM_TEST_VIDEO }).catch(() => {});
    pusher.startAudioCapture({ source: process.env.RTCROOM_TEST_AUDIO }).catch(() => {});
    // Of the first camera; see standInCameras.ts.
    const hung = `${process.env.RTCROOM_STAND_IN_CAMERAS}/hanging0.entered`;
    while (state === 'hanging' && !existsSync(hung)) await setTimeout(5);
    return { pusher, player };
  }
  await pusher.startPreview({ source: process.env.RTCROOM_TEST_VIDEO ?? 'synthetic' });
  await pusher.startAudioCapture({ source: process.env.RTCROOM_TEST_AUDIO ?? 'synthetic' });
  if (state === 'connecting') {
    pusher.startPush(url).catch(() => {});
    player.startPlay(url).catch(() => {});
    return { pusher, player };
  }
  await pusher.startPush(url);
  const picture = frames ? once(asNode(player), 'videoFrame') : undefined;
  await player.startPlay(url);
  await picture;
  return { pusher, player };
}

/** eventemitter3 has all that events.once needs but the name of one method. */
function asNode(emitter) {
  return {
    once: (...args) => emitter.once(...args),
    on: (...args) => emitter.on(...args),
    removeListener: (...args) => emitter.removeListener(...args),
    emit: (...args) => emitter.emit(...args),
  };
}

async function inWorkers(count, innerEnd, afterReady) {
  const workers = Array.from({ length: count }, (_, index) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: [state, innerEnd, `${url}${index}`] });
    const end = new Promise((resolve) => {
      worker.once('error', (error) => resolve({ error }));
      worker.once('exit', (code) => resolve({ code }));
    });
    return { worker, end, ready: new Promise((resolve) => worker.once('message', resolve)) };
  });
  await Promise.all(workers.map(({ ready: isReady }) => isReady));
  process.stdout.write('ready\n');
  for (const { worker } of workers) worker.postMessage('go on');
  await afterReady(workers);
}

async function expectEnds(workers, isRight) {
  for (const { end: ended } of workers) {
    const result = await ended;
    if (!isRight(result)) throw new Error('the worker ended otherwise', { cause: result });
  }
}

async function ready() {
  if (!parentPort) {
    process.stdout.write('ready\n');
    return;
  }
  const goOn = once(parentPort, 'message');
  parentPort.postMessage('ready');
  await goOn;
}

switch (end) {
  case 'worker.terminate':
    await inWorkers(2, 'stay', (workers) => Promise.all(workers.map(({ worker }) => worker.terminate())));
    break;
  case 'worker process.exit':
    await inWorkers(2, 'process.exit', (workers) => expectEnds(workers, ({ code }) => code === 7));
    break;
  case 'worker uncaught throw':
    await inWorkers(2, 'uncaught throw', (workers) =>
      expectEnds(workers, ({ error }) => error?.message === 'thrown on purpose'),
    );
    break;
  case 'process.exit with workers':
    await inWorkers(2, 'stay', () => process.exit(7));
    break;
  default: {
    const { pusher, player } = await enterState();
    switch (end) {
      case 'natural end':
        await ready();
        if (state !== 'idle') await Promise.all([pusher.stopPush(), player.stopPlay()]);
        break;
      case 'natural end after close':
        await ready();
        await Promise.all([pusher.close(), player.close()]);
        break;
      case 'natural end after stops and two closes':
        await ready();
        await Promise.all([pusher.stopPreview(), pusher.stopAudioCapture(), player.stopPlay()]);
        await Promise.all([pusher.close(), pusher.close(), player.close(), player.close()]);
        await Promise.all([pusher.close(), player.close()]);
        break;
      case 'process.exit':
        await ready();
        process.exit(7);
        break;
      case 'process.exit in a listener':
        player.on('videoFrame', () => {
          process.stdout.write('ready\n');
          process.exit(7);
        });
        break;
      case 'process.exit while closing':
        await ready();
        pusher.close();
        player.close();
        process.exit(7);
        break;
      case 'uncaught throw':
        await ready();
        setImmediate(() => {
          throw new Error('thrown on purpose');
        });
        break;
      case 'signal handler':
        process.once('SIGTERM', async () => {
          await Promise.all([pusher.close(), player.close()]);
          clearInterval(alive);
        });
        // The listener alone does not keep an idle process.
        alive = setInterval(() => {}, 60_000);
        await ready();
        break;
      case 'stay':
        setInterval(() => {}, 60_000);
        await ready();
        break;
      default:
        throw new Error(`no such end: ${end}`);
    }
  }
}
