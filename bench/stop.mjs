import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { TXLivePusher } from '#lib/live/TXLivePusher';
import { median } from '#lib/measure/index';
import { startServer } from './support/media.mjs';

async function timed(action) {
  const started = performance.now();
  await action();
  return performance.now() - started;
}

async function pushing(url, wait) {
  const pusher = new TXLivePusher();
  await pusher.startPreview({ source: 'synthetic' });
  await pusher.startAudioCapture({ source: 'synthetic' });
  const started = pusher.startPush(url);
  started.catch(() => undefined);
  await wait(started);
  const ms = await timed(() => pusher.stopPush());
  await pusher.close();
  return ms;
}

async function playing(url, wait) {
  const player = new TXLivePlayer({ videoFormat: 'i420' });
  player.on('videoFrame', (frame) => frame.close());
  const started = player.startPlay(url);
  started.catch(() => undefined);
  await wait(started);
  const ms = await timed(() => player.stopPlay());
  await player.close();
  return ms;
}

const whenBegun = async (started) => {
  await started;
  await delay(500);
};
const midway = () => delay(200);

/** Time of stopPush and stopPlay, whatever the network does, ms. */
export async function stop({ runs, progress }) {
  const server = await startServer();
  const mute = createServer();
  const sockets = new Set();
  mute.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  mute.listen(0, '127.0.0.1');
  await once(mute, 'listening');
  const silent = `rtmp://127.0.0.1:${mute.address().port}/live/x`;
  const host = new TXLivePusher();
  const rows = [];
  try {
    const { push, play } = server.stream();
    await host.startPreview({ source: 'synthetic' });
    await host.startPush(push);
    const cases = {
      'stop a push': () => pushing(server.stream().push, whenBegun),
      'stop a play': () => playing(play, whenBegun),
      'stop a push to a server that says nothing': () => pushing(silent, midway),
      'stop a play from a server that says nothing': () => playing(silent, midway),
      'stop a push to a name that does not resolve': () => pushing('rtmp://name.invalid/live/x', midway),
    };
    for (const [what, measure] of Object.entries(cases)) {
      progress(what);
      const times = [];
      for (let run = 0; run < runs; run++) times.push(await measure());
      rows.push({ what, way: 'ours', runs, p50Ms: median(times), maxMs: Math.max(...times) });
    }
  } finally {
    for (const socket of sockets) socket.destroy();
    mute.close();
    await host.close();
    await server.close();
  }
  return rows;
}
