// Child process of loads.mjs: pushes or plays streams, or plays them to be recorded, and answers each message: with the pictures
// it was handed so far, when it is no other.
import { closeSync, openSync, readSync } from 'node:fs';
import { EngineHost } from '#lib/live/process/EngineHost';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { TXLivePusher } from '#lib/live/TXLivePusher';
import { pushOptions } from './pushOptions.mjs';

const { what, urls, size, engine, file, option = 'plain' } = JSON.parse(process.argv[2]);
let frames = 0;

/** Each stream reads the file itself, as an ffmpeg does. */
function feed(pusher) {
  const { width, height, fps } = size;
  const bytes = (width * height * 3) / 2;
  const descriptor = openSync(file.path, 'r');
  const data = new Uint8Array(bytes);
  const started = performance.now();
  let count = 0;
  let timer;
  const tick = () => {
    // What is due already is left out, as a camera would.
    count = Math.max(count, Math.floor(((performance.now() - started) * fps) / 1000));
    readSync(descriptor, data, 0, bytes, (count % file.pictures) * bytes);
    pusher.sendCustomVideoData({ data, width, height });
    count++;
    timer = setTimeout(tick, Math.max(0, started + (count * 1000) / fps - performance.now()));
  };
  tick();
  return () => {
    clearTimeout(timer);
    closeSync(descriptor);
  };
}

async function push(url) {
  const pusher = new TXLivePusher({ engine });
  pusher.setVideoResolution(size.resolution);
  pusher.setVideoFPS(size.fps);
  pusher.setVideoBitRate(size.bitrateKbps);
  await pusher.startPreview({ source: 'user' });
  await pusher.startAudioCapture({ source: 'synthetic' });
  const end = await pushOptions[option](pusher, size);
  const stop = feed(pusher);
  const close = async () => {
    stop();
    await pusher.close();
    await end?.();
  };
  try {
    await pusher.startPush(url);
  } catch (error) {
    await close();
    throw error;
  }
  return close;
}

const players = [];

async function play(url) {
  // Pictures of what is recorded are wanted by nobody.
  const output = what === 'record' ? {} : { videoFormat: 'i420', audioOutput: true };
  const player = new TXLivePlayer({ engine, ...output });
  player.on('videoFrame', (frame) => {
    frames++;
    frame.close();
  });
  player.on('audioFrame', (frame) => frame.close());
  try {
    await player.startPlay(url);
  } catch (error) {
    await player.close();
    throw error;
  }
  players.push(player);
  return () => player.close();
}

// One after the other starts, so that the beginning of many is not a load of its own.
const closers = [];
let failed = 0;
for (const url of urls) {
  try {
    closers.push(await (what === 'push' ? push : play)(url));
  } catch (error) {
    // On a machine that has too much to do; the others go on.
    process.stderr.write(`a stream did not begin to ${what}: ${error.message}\n`);
    failed++;
  }
}

process.on('message', async (message) => {
  if (message === 'close') {
    await Promise.all(closers.map((close) => close()));
    process.disconnect();
  } else if (message.record) {
    await Promise.all(players.map((player) => player.startLocalRecord(message.record)));
    process.send('recording');
  } else {
    process.send({ frames, atMs: performance.now() });
  }
});
// Also when the benchmark is broken off.
process.once('disconnect', () => process.exit());
process.send({ pids: [process.pid, ...EngineHost.pids], failed });
