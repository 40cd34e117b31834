import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import { clockMicros } from '#lib/live/engine';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { TXLivePusher } from '#lib/live/TXLivePusher';
import { VideoWindow } from '#lib/live/VideoWindow';
import { median, percentile, readClock } from '#lib/measure/index';
import { startServer } from './support/media.mjs';
import { sizes } from './support/sizes.mjs';
import { startXvfb } from './support/xvfb.mjs';

const settleMs = 2000;
const size = sizes['720p30'];

/** How old each new picture on the screen is when it is first seen there, ms; and how many were never seen. */
async function watch(screen, seconds) {
  const agesMs = [];
  let lost = 0;
  let last;
  const until = performance.now() + seconds * 1000;
  while (performance.now() < until) {
    const now = clockMicros();
    const reading = readClock(screen.look());
    if (reading && reading.counter !== last) {
      // The first one may have been there for long.
      if (last !== undefined) {
        agesMs.push((now - reading.clockUs) / 1000);
        lost += Math.max(0, reading.counter - last - 1);
      }
      last = reading.counter;
    }
    await turn();
  }
  return { agesMs, lost };
}

async function showing(server, screen, what, seconds) {
  const { push, play } = server.stream();
  const window = await VideoWindow.open({ width: size.width, height: size.height, left: 0, top: 0, borderless: true });
  const pusher = new TXLivePusher();
  const player = new TXLivePlayer();
  try {
    pusher.setVideoResolution(size.resolution);
    pusher.setVideoFPS(size.fps);
    pusher.setVideoBitRate(size.bitrateKbps);
    const preview = what === 'preview' ? { windowHandle: window.handle } : {};
    await pusher.startPreview({ source: 'synthetic', ...preview });
    if (what === 'player with sound') await pusher.startAudioCapture({ source: 'synthetic' });
    await pusher.startPush(push);
    if (what !== 'preview') {
      player.setRenderFrame(window.handle);
      await player.startPlay(play);
    }
    await delay(settleMs);
    return await watch(screen, seconds);
  } finally {
    await Promise.all([pusher.close(), player.close()]);
    await window.close();
  }
}

/**
 * From the capture of a picture to its pixels in a window of X11, in the server's memory, by the clock in the picture: of
 * the preview, and of a player behind the embedded media server.
 */
export async function render({ runs, seconds, progress }) {
  const server = await startServer();
  const screen = await startXvfb(size);
  const rows = [];
  try {
    for (const what of ['preview', 'player', 'player with sound']) {
      const all = [];
      for (let run = 0; run < runs; run++) {
        progress(`${what}, run ${run + 1} of ${runs}`);
        all.push(await showing(server, screen, what, seconds));
      }
      const seen = all.filter(({ agesMs }) => agesMs.length > 0);
      if (seen.length === 0) throw new Error(`no clock was seen on the screen: ${what}`);
      const of = (part) => median(seen.map(({ agesMs }) => percentile(agesMs, part)));
      rows.push({
        what: `${what} 720p30`,
        way: 'ours',
        runs,
        p50Ms: of(50),
        p95Ms: of(95),
        maxMs: median(seen.map(({ agesMs }) => Math.max(...agesMs))),
        samples: all.reduce((sum, { agesMs }) => sum + agesMs.length, 0),
        lost: all.reduce((sum, one) => sum + one.lost, 0),
      });
    }
  } finally {
    await screen.close();
    await server.close();
  }
  return rows;
}
