// Pushes the synthetic picture, plays it and records both, until the disk refuses: what it does then goes on. Prints what it
// saw as one line of JSON. Arguments: obstacle (below), address to push to, address to play, folder. Its recordings are in
// <folder>/disk/, or where the obstacle took them: <folder>/away/.
import { spawnSync } from 'node:child_process';
import { chmodSync, closeSync, cpSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { TXLivePlayer } from '#lib/live/TXLivePlayer';
import { TXLivePusher } from '#lib/live/TXLivePusher';
import { readClock } from '#lib/measure/clock';

const [obstacle, pushUrl, playUrl, folder] = process.argv.slice(2);
const [disk, away] = [join(folder, 'disk'), join(folder, 'away')];
const deadlineMs = 30_000;
/** Not root. */
const nobody = 65534;

/** What happens to the disk, and what ends it. */
const obstacles = {
  /** Not a byte is left of a file system of its own: this process must be in a mount namespace. */
  full: {
    prepare() {
      const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', disk]);
      if (status !== 0) throw new Error(`no tmpfs: ${stderr}`);
    },
    begin() {
      const rest = openSync(join(disk, 'rest'), 'w');
      const block = Buffer.alloc(65_536);
      try {
        for (;;) writeSync(rest, block);
      } catch (error) {
        if (error.code !== 'ENOSPC') throw error;
      }
      closeSync(rest);
    },
    end: () => rmSync(join(disk, 'rest')),
    // Nobody outside sees that file system.
    finish: () => cpSync(disk, away, { recursive: true }),
  },
  /** The directory is moved, as by who clears up. */
  gone: { begin: () => renameSync(disk, away), end: () => mkdirSync(disk) },
  /** This process may read it only. */
  readOnly: {
    begin() {
      chmodSync(disk, 0o555);
      if (process.geteuid() === 0) process.seteuid(nobody);
    },
    end() {
      if (process.getuid() === 0) process.seteuid(0);
      chmodSync(disk, 0o755);
    },
  },
}[obstacle];

async function until(what, holds) {
  const end = performance.now() + deadlineMs;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

mkdirSync(disk);
obstacles.prepare?.();
const pusher = new TXLivePusher({ engine: 'embedded', gopSeconds: 0.5 });
const player = new TXLivePlayer({ engine: 'embedded', videoFormat: 'i420' });
/** Of the pictures that were shown. */
const counters = [];
/** Events from the obstacle on that tell of a push or playback that was disturbed. */
const others = [];
const disturbance = /_ERR_|RECONNECT|DISCONNECT|_(BEGIN|END)$/;
/** By side. */
const progressMs = { push: 0, play: 0 };
const results = { push: [], play: [] };
let met = false;
for (const [side, live] of Object.entries({ push: pusher, play: player }))
  live.on('event', ({ name, params, message }) => {
    const { EVT_PARAM1: first, EVT_PARAM2: path } = params;
    if (name.endsWith('LOCAL_RECORD_RESULT')) results[side].push({ result: Number(first), path, message });
    else if (name.endsWith('LOCAL_RECORD_PROGRESS')) progressMs[side] = Number(first);
    else if (met && disturbance.test(name)) others.push(name);
  });
pusher.setVideoResolution(101); // 320x180
pusher.setVideoFPS(15);
await pusher.startPreview({ source: 'synthetic' });
await pusher.startAudioCapture({ source: 'synthetic' });
await pusher.startPush(pushUrl);
await player.startPlay(playUrl);
player.on('videoFrame', (frame) => {
  const counter = readClock(frame)?.counter;
  frame.close();
  if (counter !== undefined) counters.push(counter);
});

const slices = obstacle === 'full' ? {} : { sliceSeconds: 1 };
await Promise.all([
  pusher.startLocalRecord(join(disk, 'push.mp4'), slices),
  player.startLocalRecord(join(disk, 'play.mp4'), slices),
]);
const enough =
  obstacle === 'full' ? () => progressMs : () => ({ push: results.push.length, play: results.play.length });
await until('a second of each', () => enough().push > 0 && enough().play > 0);
obstacles.begin();
met = true;
const lastBefore = counters.at(-1);
const ended = (side) => results[side].at(-1)?.result === -1;
await until('the ends of both recordings', () => ended('push') && ended('play'));
// A second of pictures after it.
const shown = counters.length;
await until('further pictures', () => counters.length >= shown + 15);
const after = { pushing: pusher.pushing, counters: counters.slice(shown), others: [...others] };

obstacles.end();
const failed = structuredClone(results);
await Promise.all([
  pusher.startLocalRecord(join(disk, 'push-again.mp4')),
  player.startLocalRecord(join(disk, 'play-again.mp4')),
]);
progressMs.push = progressMs.play = 0;
await until('a second of each again', () => progressMs.push > 0 && progressMs.play > 0);
await Promise.all([pusher.stopLocalRecord(), player.stopLocalRecord()]);
await Promise.all([player.close(), pusher.close()]);
obstacles.finish?.();
process.stdout.write(`${JSON.stringify({ lastBefore, failed, after })}\n`);
